using FastGate.Memory;

namespace FastGate.Http.Admin;

/// <summary>
/// What is kept of a device, oldest first; <paramref name="Next"/> goes into <c>after</c> for the following page. A text, because an id is beyond
/// what JavaScript and many a JSON reader tell apart as numbers: rounded down, it would bring the same turn for ever.
/// </summary>
internal sealed record MemoryExport(string DeviceId, StoredSummary? Summary, IReadOnlyList<StoredExchange> Turns, string? Next);
