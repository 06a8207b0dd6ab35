namespace FastGate.Testing.Conversation;

/// <summary>A call in the reply of a fake LLM server; the arguments are JSON.</summary>
internal sealed record LlmToolCall(string Name, string Arguments = "{}", string Id = "call_1")
{
    /// <summary>Sent with the call as <c>extra_content</c>, by an OpenAI-compatible server.</summary>
    public string? Signature { get; init; }

    /// <summary>Sent before the call as <c>reasoning_content</c>, by an OpenAI-compatible server.</summary>
    public string? Reasoning { get; init; }
}
