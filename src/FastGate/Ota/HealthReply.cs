namespace FastGate.Ota;

internal sealed record HealthReply(string Status, IReadOnlyList<string>? Reasons = null);
