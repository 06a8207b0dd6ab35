namespace FastGate.Memory;

/// <summary>What is kept of one device: the summary of what is long past and the last turns, oldest first.</summary>
internal sealed record DeviceMemory(string? Summary, IReadOnlyList<StoredExchange> Turns)
{
    public static DeviceMemory Empty { get; } = new(null, []);

    /// <summary>False when the store did not answer: then this is what waits to be written, and nothing older.</summary>
    public bool IsWhole { get; init; } = true;
}
