namespace FastGate.Memory;

/// <summary>One question and its answer as kept. <paramref name="Id"/> is unique for ever and grows with time within a device.</summary>
internal sealed record StoredExchange(long Id, string DeviceId, string SessionId, DateTimeOffset At, string User, string Assistant);
