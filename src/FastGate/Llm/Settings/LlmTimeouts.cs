namespace FastGate.Llm.Settings;

/// <summary>Budget of one LLM call.</summary>
internal sealed record LlmTimeouts
{
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(4);
    public TimeSpan BetweenTokens { get; init; } = TimeSpan.FromSeconds(3);
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(30);
}
