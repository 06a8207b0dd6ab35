namespace FastGate.Testing.Conversation;

/// <summary>A counter that tests wait for instead of sleeping.</summary>
internal sealed class CountSignal
{
    private readonly Lock _lock = new();
    private readonly List<(int Value, TaskCompletionSource Reached)> _waiters = [];
    private int _value;

    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(30);

    public int Value => Volatile.Read(ref _value);

    public int Increment()
    {
        lock (_lock)
        {
            _value++;
            _waiters.RemoveAll(waiter => waiter.Value <= _value && waiter.Reached.TrySetResult());
            return _value;
        }
    }

    public Task ReachAsync(int value)
    {
        lock (_lock)
        {
            if (_value >= value)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((value, reached));
            return reached.Task.WaitAsync(Timeout);
        }
    }
}
