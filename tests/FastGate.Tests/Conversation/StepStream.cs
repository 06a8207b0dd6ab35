using System.Runtime.CompilerServices;
using System.Threading.Channels;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

/// <summary>A provider whose reply the test writes step by step; counts the reads of the gateway.</summary>
internal sealed class StepStream
{
    private readonly Channel<string> _texts = Channel.CreateUnbounded<string>();
    private readonly CountSignal _asked = new();
    private int _said;

    public StepStream() => Client = new FakeChatClient((_, cancellationToken) => RunAsync(cancellationToken));

    public FakeChatClient Client { get; }

    public async Task SayAsync(string text)
    {
        await Client.Calls.ReachAsync(1);
        _said++;
        _texts.Writer.TryWrite(text);
    }

    /// <summary>Everything was read, and the timeout for the next token is armed.</summary>
    public Task AskedForMoreAsync() => _asked.ReachAsync(_said + 1);

    private async IAsyncEnumerable<string> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            _asked.Increment();
            yield return await _texts.Reader.ReadAsync(cancellationToken);
        }
    }
}
