using FastGate.Memory;

namespace FastGate.Admin;

/// <summary>What is kept of a device, oldest first; <paramref name="Next"/> goes into <c>after</c> for the following page.</summary>
internal sealed record MemoryExport(string DeviceId, StoredSummary? Summary, IReadOnlyList<StoredTurn> Turns, long? Next);
