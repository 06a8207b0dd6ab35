using System.Threading.Channels;
using FastGate.Memory;
using FastGate.Memory.Summaries;

namespace FastGate.Tests.Memory.Summaries;

/// <summary>A summary model whose calls wait until the test answers them.</summary>
internal sealed class ScriptedSummaryModel : ISummaryModel
{
    private readonly Channel<SummaryCall> _calls = Channel.CreateUnbounded<SummaryCall>();
    private readonly Lock _gate = new();
    private int _running;
    private int _maxConcurrent;

    /// <summary>The greatest number of calls that ran at the same time.</summary>
    public int MaxConcurrent
    {
        get
        {
            lock (_gate)
            {
                return _maxConcurrent;
            }
        }
    }

    public bool HasNoCall => !_calls.Reader.TryPeek(out _);

    public async Task<string?> SummarizeAsync(string? previous, IReadOnlyList<StoredExchange> exchanges, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _maxConcurrent = Math.Max(_maxConcurrent, ++_running);
        }

        try
        {
            var call = new SummaryCall(previous, exchanges, new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously));
            _calls.Writer.TryWrite(call);
            return await call.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _running--;
            }
        }
    }

    public async Task<SummaryCall> NextCallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(TestMemory.Timeout);
}

/// <summary>One call of the summary model; the test completes <paramref name="Answer"/>.</summary>
internal sealed record SummaryCall(string? Previous, IReadOnlyList<StoredExchange> Exchanges, TaskCompletionSource<string?> Answer)
{
    public string[] Words => [.. Exchanges.Select(static exchange => exchange.User)];
}
