namespace FastGate.Conversation;

/// <summary>Upper bounds of what a dialogue carries into a call.</summary>
internal sealed record DialogueLimits
{
    /// <summary>Turns of history.</summary>
    public int Turns { get; init; } = 20;

    /// <summary>Estimated tokens of history; the newest turns are kept.</summary>
    public int Tokens { get; init; } = 4_000;

    /// <summary>What a first turn waits for memory; a user notices half a second.</summary>
    public TimeSpan MemoryWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Turns of one dialogue that may wait, interrupted ones among them.</summary>
    public int Waiting { get; init; } = 64;
}
