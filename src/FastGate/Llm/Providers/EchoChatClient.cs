using System.Runtime.CompilerServices;
using FastGate.Conversation.Speech;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// The embedded provider: answers with the user's own words, a sentence at a time. It lets a fleet be tried, and measured, with
/// nothing else installed.
/// </summary>
internal sealed class EchoChatClient : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        string text = string.Empty;
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            text += update.Text;
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string words = messages.LastOrDefault(static message => message.Role == ChatRole.User)?.Text ?? string.Empty;
        var sentences = new SentenceSplitter();
        sentences.Append(words);
        sentences.End();
        while (sentences.TryTake(out string? sentence))
        {
            // Each sentence is a step of its own, as with a provider far away: an interruption falls between two of them.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, sentence);
        }

        yield return new ChatResponseUpdate { Role = ChatRole.Assistant, FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
