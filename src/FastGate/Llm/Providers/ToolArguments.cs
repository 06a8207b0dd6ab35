using System.Text.Json.Serialization;

namespace FastGate.Llm.Providers;

/// <summary>Parses the arguments of a tool call without reflection.</summary>
[JsonSerializable(typeof(Dictionary<string, object?>))]
internal sealed partial class ToolArguments : JsonSerializerContext;
