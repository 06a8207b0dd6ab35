using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace FastGate.Transport.Loops;

/// <summary>A flush that waits for the peer.</summary>
internal sealed partial class LoopPipeWriter : IValueTaskSource<FlushResult>
{
    /// <summary>Any thread.</summary>
    public override void CancelPendingFlush() => _connection.CancelPendingFlush();

    /// <summary>Called by the loop: cancellation of a flush was requested.</summary>
    public void OnCancel()
    {
        _isCanceled = _isWaiting;
        CompleteWait();
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _connection.Loop.ThrowIfOffLoop();
        _backlog!.Awaitable.Take(token);
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        return new FlushResult(isCanceled, _connection.IsDead);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _backlog!.Awaitable.Status(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _connection.Loop.ThrowIfOffLoop();
        _backlog!.Awaitable.OnCompleted(continuation, state, token);
    }

    public bool IsAwaitedBy(Task handler) => _backlog is { } backlog && backlog.Awaitable.IsAwaitedBy(handler);

    private void CompleteWait()
    {
        if (_isWaiting)
        {
            // The handler may take long.
            _connection.Loop.Buffers.SendAnswers();
            _isWaiting = false;
            _backlog!.Awaitable.Complete();
        }
    }
}
