using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Answers out of order: requests wait in a list, and a full list releases a random one. A timer releases the rest when no more requests
/// arrive.
/// </summary>
internal sealed class ReorderingProvider : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(int Number, TaskCompletionSource Released)> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private readonly int _capacity;
    private readonly Task _timer;
    private int _lastReleased;

    public ReorderingProvider(int seed, int capacity)
    {
        _random = new Random(seed);
        _capacity = capacity;
        _timer = ReleaseByTimerAsync();
    }

    /// <summary>Replies that finished before one requested earlier.</summary>
    public int Overtaken { get; private set; }

    /// <summary>Returns three sentences that repeat the user's words.</summary>
    public LlmReply Reply(int number, FakeLlmRequest request)
    {
        string said = request.LastUser;
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((number, released));
            if (_waiting.Count >= _capacity)
            {
                ReleaseOne();
            }
        }

        return LlmReply.Slow(released.Task, said, "#1。", said, "#2。", said, "#3。");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _timer;
        _stop.Dispose();
    }

    private async Task ReleaseByTimerAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(2));
        while (!_stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                ReleaseOne();
            }

            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void ReleaseOne()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        int drawn = _random.Next(_waiting.Count);
        (int number, TaskCompletionSource released) = _waiting[drawn];
        _waiting[drawn] = _waiting[^1];
        _waiting.RemoveAt(_waiting.Count - 1);
        Overtaken += number < _lastReleased ? 1 : 0;
        _lastReleased = number;
        released.SetResult();
    }
}
