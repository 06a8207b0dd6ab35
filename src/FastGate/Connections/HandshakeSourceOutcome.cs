namespace FastGate.Connections;

/// <summary>
/// What one place a device can name itself in had to say, and why it was not taken if it was not. <paramref name="Id"/> is there when the
/// place held a usable id: so that winner and losers can be told apart where they disagree.
/// </summary>
internal sealed record HandshakeSourceOutcome(string Source, string Outcome, string? Id = null);
