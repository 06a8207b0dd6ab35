using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>A tool as a device describes it, made fit for every provider.</summary>
/// <param name="DeviceName">Its name for the device.</param>
/// <param name="Name">Its name for the model.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">Its arguments: a schema of type object.</param>
internal sealed record DeviceTool(string DeviceName, string Name, string Description, JsonElement Schema);
