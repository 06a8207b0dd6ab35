using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>What is sent to a provider. The session id lets a provider that keeps the history itself continue its own conversation.</summary>
internal sealed record LlmPrompt(IReadOnlyList<ChatMessage> Messages, string? SessionId = null, IReadOnlyList<AITool>? Tools = null)
{
    public bool HasTools => Tools is { Count: > 0 };

    public ChatOptions? Options(bool withTools) => SessionId is null && !(withTools && HasTools) ? null : new ChatOptions
    {
        ConversationId = SessionId,
        Tools = withTools && HasTools ? [.. Tools!] : null,
    };
}
