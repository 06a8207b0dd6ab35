namespace FastGate.Http.Admin;

internal sealed record MemoryErasure(string DeviceId, int ErasedTurns);
