using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>What is sent to a provider. The session id lets a provider that keeps the history itself continue its own conversation.</summary>
internal sealed record LlmPrompt(IReadOnlyList<ChatMessage> Messages, string? SessionId = null)
{
    public ChatOptions? Options { get; } = SessionId is null ? null : new ChatOptions { ConversationId = SessionId };
}
