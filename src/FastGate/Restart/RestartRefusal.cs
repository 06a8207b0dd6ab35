namespace FastGate.Restart;

/// <summary>A restart that did not happen.</summary>
internal sealed record RestartRefusal(DateTimeOffset At, string Reason);
