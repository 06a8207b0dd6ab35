namespace FastGate.Conversation;

/// <summary>Upper bounds of a dialogue.</summary>
internal sealed record DialogueLimits
{
    /// <summary>Exchanges of history sent to the LLM.</summary>
    public int Turns { get; init; } = 20;

    /// <summary>Estimated tokens of history sent to the LLM; the newest exchanges are kept.</summary>
    public int Tokens { get; init; } = 4_000;

    /// <summary>Time the first turn waits for memory; users notice half a second.</summary>
    public TimeSpan MemoryWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long after its first load a dialogue expects turns that another server saves late; it loads again until a turn begins after that.</summary>
    public TimeSpan MoveWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Waiting turns of one dialogue, including cancelled ones that are not yet taken.</summary>
    public int Waiting { get; init; } = 64;
}
