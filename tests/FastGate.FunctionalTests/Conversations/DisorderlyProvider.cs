using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Answers out of order: requests wait in a crowd, and whenever it is full, one drawn from the seed is let go. A trickle lets go of those left
/// when no more come.
/// </summary>
internal sealed class DisorderlyProvider : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(int Number, TaskCompletionSource Go)> _crowd = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private readonly int _capacity;
    private readonly Task _trickle;
    private int _lastLetGo;

    public DisorderlyProvider(int seed, int capacity)
    {
        _random = new Random(seed);
        _capacity = capacity;
        _trickle = TrickleAsync();
    }

    /// <summary>Replies that overtook one asked for earlier.</summary>
    public int Overtakings { get; private set; }

    /// <summary>Three sentences that repeat the user's words.</summary>
    public LlmReply Reply(int number, FakeLlmRequest request)
    {
        string said = request.LastUser;
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _crowd.Add((number, go));
            if (_crowd.Count >= _capacity)
            {
                LetOneGo();
            }
        }

        return LlmReply.Slow(go.Task, said, "#1。", said, "#2。", said, "#3。");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _trickle;
        _stop.Dispose();
    }

    private async Task TrickleAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(2));
        while (!_stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                LetOneGo();
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

    private void LetOneGo()
    {
        if (_crowd.Count == 0)
        {
            return;
        }

        int drawn = _random.Next(_crowd.Count);
        (int number, TaskCompletionSource go) = _crowd[drawn];
        _crowd[drawn] = _crowd[^1];
        _crowd.RemoveAt(_crowd.Count - 1);
        Overtakings += number < _lastLetGo ? 1 : 0;
        _lastLetGo = number;
        go.SetResult();
    }
}
