namespace FastGate.Memory;

/// <summary>A stretch of a device's turns, oldest first; <paramref name="More"/> when others follow the last of them.</summary>
internal sealed record MemoryPage(StoredSummary? Summary, IReadOnlyList<StoredExchange> Turns, bool More)
{
    public static MemoryPage Empty { get; } = new(null, [], false);
}
