using System.Text.Json.Serialization;

namespace FastGate.Cluster;

/// <summary>The JSON between nodes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(ClaimedElsewhere))]
[JsonSerializable(typeof(NodeLoad))]
[JsonSerializable(typeof(NodeRequest))]
[JsonSerializable(typeof(NodeReply))]
[JsonSerializable(typeof(SharedBan))]
[JsonSerializable(typeof(SharedListChanged))]
internal sealed partial class ClusterJson : JsonSerializerContext;
