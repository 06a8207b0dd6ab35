using System.Text.Json.Serialization;

namespace FastGate.Http.Health;

internal sealed record HealthReply(string Status, IReadOnlyList<string>? Reasons = null);

/// <summary>Whether new devices should be sent to this gateway, and the reasons. A ready gateway may have reasons too.</summary>
internal sealed record ReadinessReport(bool Ready, IReadOnlyList<string> Reasons);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReply))]
internal sealed partial class HealthJson : JsonSerializerContext;
