using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastGate.Tools.Device;

/// <summary>Writes one argument without reflection. A model's arguments are JSON; code may pass the other types.</summary>
[JsonSerializable(typeof(object))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(double))]
internal sealed partial class ToolArgumentJson : JsonSerializerContext;
