namespace FastGate.Fleet;

/// <summary>The end of one registered connection.</summary>
internal readonly record struct DeviceEnd(DateTimeOffset At, string Reason, int AgeSeconds);
