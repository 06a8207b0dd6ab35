using System.Text.Json.Serialization;

namespace FastGate.Cluster;

/// <summary>The JSON between nodes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(ClaimedElsewhere))]
[JsonSerializable(typeof(NodeLoad))]
internal sealed partial class ClusterJson : JsonSerializerContext;
