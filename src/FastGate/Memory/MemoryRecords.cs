namespace FastGate.Memory;

/// <summary>A question and its answer as stored. <paramref name="Id"/> is never reused and grows with time within a device.</summary>
internal sealed record StoredExchange(long Id, string DeviceId, string SessionId, DateTimeOffset At, string User, string Assistant);

/// <summary>A summary of older exchanges. <paramref name="CoversTo"/> is the id of the last exchange it covers.</summary>
internal sealed record StoredSummary(string Text, long CoversTo, DateTimeOffset At);

/// <summary>What a conversation starts with: the summary of older exchanges and the last exchanges, oldest first.</summary>
internal sealed record DeviceMemory(string? Summary, IReadOnlyList<StoredExchange> Exchanges)
{
    public static DeviceMemory Empty { get; } = new(null, []);

    /// <summary>False when the store did not answer; then only the exchanges that are still to be written are present.</summary>
    public bool IsWhole { get; init; } = true;
}

/// <summary>Consecutive exchanges of a device, oldest first; <paramref name="More"/> is set when others follow.</summary>
internal sealed record MemoryPage(StoredSummary? Summary, IReadOnlyList<StoredExchange> Exchanges, bool More)
{
    public static MemoryPage Empty { get; } = new(null, [], false);
}
