namespace FastGate.Connections;

/// <summary>
/// Outcome of one source of the device id. <paramref name="Id"/> is set when the source held a usable id, so that a report can show which sources
/// disagreed.
/// </summary>
internal sealed record HandshakeSourceOutcome(string Source, string Outcome, string? Id = null);
