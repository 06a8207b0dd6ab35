using System.Threading.Channels;
using FastGate.Memory;
using FastGate.Memory.Summaries;

namespace FastGate.Tests.Memory.Summaries;

/// <summary>A summary model whose every call waits for the test to answer it.</summary>
internal sealed class ScriptedSummaryModel : ISummaryModel
{
    private readonly Channel<SummaryCall> _calls = Channel.CreateUnbounded<SummaryCall>();
    private int _atOnce;
    private int _mostAtOnce;

    /// <summary>Of the threads that asked.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string?> ThreadNames { get; } = new();

    public int MostAtOnce => Volatile.Read(ref _mostAtOnce);

    public bool NothingAsked => !_calls.Reader.TryPeek(out _);

    public async Task<string?> SummarizeAsync(string? previous, IReadOnlyList<StoredExchange> turns, CancellationToken cancellationToken)
    {
        ThreadNames.Enqueue(Thread.CurrentThread.Name);
        int atOnce = Interlocked.Increment(ref _atOnce);
        InterlockedMax(ref _mostAtOnce, atOnce);
        try
        {
            var call = new SummaryCall(previous, turns, new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously));
            _calls.Writer.TryWrite(call);
            return await call.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    public async Task<SummaryCall> NextCallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(TestMemory.Timeout);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (seen < value)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
