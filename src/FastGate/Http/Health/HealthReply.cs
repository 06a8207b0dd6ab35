namespace FastGate.Http.Health;

internal sealed record HealthReply(string Status, IReadOnlyList<string>? Reasons = null);
