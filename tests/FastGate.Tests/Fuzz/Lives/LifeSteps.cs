namespace FastGate.Tests.Fuzz.Lives;

/// <summary>Counts the steps of a life. A worker's answer waits for a step, so that the seed decides when it comes.</summary>
internal sealed class LifeSteps
{
    private readonly Lock _gate = new();
    private readonly List<(int Step, TaskCompletionSource Source)> _waiting = [];
    private int _step;
    private bool _isOver;

    public void Advance() => Release(isEnd: false);

    /// <summary>From now on no worker waits for a step.</summary>
    public void End() => Release(isEnd: true);

    /// <summary>Completes after this many further steps. On the pool, because the caller may be the test.</summary>
    public Task AfterAsync(int steps, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isOver || steps <= 0)
            {
                return Task.CompletedTask;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((_step + steps, source));
            return source.Task.WaitAsync(cancellationToken);
        }
    }

    private void Release(bool isEnd)
    {
        List<TaskCompletionSource> due = [];
        lock (_gate)
        {
            _step++;
            _isOver |= isEnd;
            due.AddRange(_waiting.Where(IsDue).Select(static waiting => waiting.Source));
            _waiting.RemoveAll(waiting => IsDue(waiting));
        }

        due.ForEach(static source => source.TrySetResult());
    }

    private bool IsDue((int Step, TaskCompletionSource Source) waiting) => _isOver || waiting.Step <= _step;
}
