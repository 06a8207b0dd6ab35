namespace FastGate.Admin;

internal sealed record MemoryErasure(string DeviceId, int ErasedTurns);
