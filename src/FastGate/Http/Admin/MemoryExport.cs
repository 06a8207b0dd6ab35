using FastGate.Memory;

namespace FastGate.Http.Admin;

/// <summary>
/// The stored turns of a device, oldest first. <paramref name="Next"/> is the value of <c>after</c> for the next page. It is a string, because
/// JavaScript cannot represent such an id exactly as a number: a rounded id would return the same turn again.
/// </summary>
internal sealed record MemoryExport(string DeviceId, StoredSummary? Summary, IReadOnlyList<StoredExchange> Turns, string? Next);

internal sealed record MemoryErasure(string DeviceId, int ErasedTurns);
