using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>
/// What is sent to a provider. The session id lets a provider that keeps the history itself continue its own conversation. The tools are asked for
/// only where the provider can call functions.
/// </summary>
internal sealed record LlmPrompt(IReadOnlyList<ChatMessage> Messages, string? SessionId = null, Func<IReadOnlyList<AITool>>? Tools = null)
{
    public ChatOptions? Options(IReadOnlyList<AITool> tools) => SessionId is null && tools.Count == 0 ? null : new ChatOptions
    {
        ConversationId = SessionId,
        Tools = tools.Count == 0 ? null : [.. tools],
    };
}
