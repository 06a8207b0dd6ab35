namespace FastGate.Llm.Settings;

/// <summary>
/// The part of <c>Llm</c> with a fixed shape. <c>Llm:Providers</c> and <c>Llm:ByMode</c> have free-form entries and are
/// read by the LLM catalogue from the configuration itself.
/// </summary>
internal sealed record LlmOptions
{
    /// <summary>Alias used when nothing else resolves.</summary>
    public string Default { get; init; } = "echo";

    public LlmTimeouts Timeouts { get; init; } = new();
}
