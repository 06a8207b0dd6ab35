using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace FastGate.Testing.Conversation;

/// <summary>A provider without network; the test supplies the reply as an asynchronous sequence.</summary>
internal sealed class FakeChatClient(Func<IReadOnlyList<ChatMessage>, CancellationToken, IAsyncEnumerable<string>> reply) : IChatClient
{
    public CountSignal Calls { get; } = new();

    public CountSignal Disposals { get; } = new();

    public IReadOnlyList<ChatMessage> LastMessages { get; private set; } = [];

    public static FakeChatClient Saying(params string[] texts) => new((_, cancellationToken) => SayAsync(texts, cancellationToken));

    public static FakeChatClient Failing(Func<Exception> exception) => new((_, _) => ThrowingAsync(exception));

    /// <summary>Sends nothing until it is cancelled.</summary>
    public static FakeChatClient Silent() => new((_, cancellationToken) => SilentAsync(cancellationToken));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] mine = messages.ToArray();
        LastMessages = mine;
        Calls.Increment();
        await foreach (string? text in reply(mine, cancellationToken).WithCancellation(cancellationToken))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, text);
        }
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() => Disposals.Increment();

    private static async IAsyncEnumerable<string> SayAsync(string[] texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return text;
        }
    }

    public static async IAsyncEnumerable<string> ThrowingAsync(Func<Exception> exception)
    {
        await Task.Yield();
        if (exception() is { } thrown)
        {
            throw thrown;
        }

        yield break;
    }

    private static async IAsyncEnumerable<string> SilentAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }
}
