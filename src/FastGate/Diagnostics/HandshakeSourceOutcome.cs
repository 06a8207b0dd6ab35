namespace FastGate.Diagnostics;

/// <summary>What one place a device can name itself in had to say, and why it was not taken if it was not.</summary>
internal sealed record HandshakeSourceOutcome(string Source, string Outcome);
