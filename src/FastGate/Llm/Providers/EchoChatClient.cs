using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// The built-in provider: repeats the user's words, in pieces of about a sentence. With it a gateway can be tried and measured without a model.
/// </summary>
internal sealed class EchoChatClient : IChatClient
{
    private static readonly SearchValues<char> s_pieceEnds = SearchValues.Create("。！？；\n ");

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
            // Every piece is a step of its own, as with a remote provider, so that an interruption can fall between two of them.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();

            // A piece ends before a letter or digit, so closing quotes stay with their sentence and no surrogate pair is cut.
            int end = words.AsSpan().IndexOfAny(s_pieceEnds);
            do
            {
                end = end < 0 ? words.Length : end + 1;
            }
            while (end < words.Length && !char.IsLetterOrDigit(words[end]));
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
