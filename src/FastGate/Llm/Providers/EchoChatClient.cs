using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// The embedded provider: answers with the user's own words, a sentence at a time. With it a fleet can be tried and measured without a model.
/// </summary>
internal sealed class EchoChatClient : IChatClient
{
    private static readonly SearchValues<char> s_sentenceEnds = SearchValues.Create("。！？；.!?;\n");

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
        while (words.Length > 0)
        {
            // Every sentence is a step of its own, as with a remote provider, so that an interruption can fall between two of them.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            int end = words.AsSpan().IndexOfAny(s_sentenceEnds) + 1;
            end = end == 0 ? words.Length : end;
            yield return new ChatResponseUpdate(ChatRole.Assistant, words[..end]);
            words = words[end..];
        }

        yield return new ChatResponseUpdate { Role = ChatRole.Assistant, FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
