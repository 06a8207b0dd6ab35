using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>A method of an <see cref="IotThing"/>.</summary>
/// <param name="Name">Its name for the device.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">Its parameters: a schema of type object.</param>
internal sealed record IotMethod(string Name, string Description, JsonElement Schema);
