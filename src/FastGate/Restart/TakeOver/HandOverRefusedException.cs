namespace FastGate.Restart.TakeOver;

/// <summary>One side does not take part in the hand-over. The message says why.</summary>
internal sealed class HandOverRefusedException(string reason) : Exception(reason);
