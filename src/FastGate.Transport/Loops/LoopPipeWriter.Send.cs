using System.IO.Pipelines;

namespace FastGate.Transport.Loops;

/// <summary>What a reply that the kernel takes whole never comes to: pieces of the writer's own, other threads, waiting, the end.</summary>
internal sealed partial class LoopPipeWriter
{
    /// <summary>
    /// The loop's, or the producer's on the loop: the scratch becomes a piece of the writer's own.
    /// </summary>
    public void KeepScratch()
    {
        lock (this)
        {
            PipeSegment scratch = Buffers.Send;
            if (scratch.End == 0 && (_states & States.Completed) != 0)
            {
                Buffers.EndSendLoan();
                return;
            }

            scratch = Buffers.TakeSend();
            LoopBacklog backlog = MakeBacklog();
            backlog.Unflushed += scratch.End;
            _states |= States.MemoryOut;
            backlog.Append(scratch);
            Buffers.EndSendHandover();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if ((_states & States.Completed) != 0)
        {
            return;
        }

        WaitForHandover();
        if (exception is not null)
        {
            MarkCompleted();
            _connection.Abort(new Microsoft.AspNetCore.Connections.ConnectionAbortedException("The writer failed.", exception));
            return;
        }

        MarkCompleted();
        _connection.Signal(LoopSignals.Flush);
    }

    /// <summary>The loop's: a flush began elsewhere, somebody wants one cancelled, or the output has been completed.</summary>
    public void OnSignal()
    {
        if (IsWaiting && (Volatile.Read(ref _cancelRequested) != 0 || _backlog!.CancellationWait is { Fired: true }))
        {
            CompleteWait();
        }

        OnWritable();
    }

    /// <summary>The loop's: there may be room to send.</summary>
    public void OnWritable()
    {
        if (_connection.IsDead)
        {
            OnDeath();
            return;
        }

        // Watched once, the kernel tells with every input that there is room.
        if (_states == States.None && !HasPending)
        {
            return;
        }

        // In this order: a flush that waits now has been handed over before, so that what it wants sent is seen below.
        bool wasWaiting = IsWaiting;
        if (!SendPending())
        {
            return;
        }

        if ((_states & States.Completed) != 0)
        {
            _connection.EndSending();
        }

        if (wasWaiting && IsWaiting)
        {
            CompleteWait();
        }
    }

    /// <summary>The loop's: both directions are over; nothing will be sent.</summary>
    public void OnDeath()
    {
        lock (this)
        {
            _backlog?.Discard(IsMemoryOut);
        }

        if (IsWaiting)
        {
            CompleteWait();
        }
    }

    /// <summary>
    /// The loop's: the handler has ended; what it wrote, flushed or not, is to go out. A flush it left waiting ends when that has gone.
    /// </summary>
    public void CompleteForClose()
    {
        if (HasScratch)
        {
            KeepScratch();
        }

        lock (this)
        {
            _states = (_states | States.Completed) & ~States.MemoryOut;
            _backlog?.Flush(memoryOut: false);
        }

        SendPending();
    }

    /// <summary>The loop's: the handler has ended and so has the connection.</summary>
    public void Release()
    {
        if (HasScratch)
        {
            Buffers.EndSendLoan();
        }

        lock (this)
        {
            _states = States.Completed | (_states & States.Waiting);
            if (_backlog is { } backlog)
            {
                backlog.Unflushed = 0;
                backlog.Discard(memoryOut: false);
            }
        }
    }

    private bool IsWaiting =>
        ((States)Volatile.Read(ref System.Runtime.CompilerServices.Unsafe.As<States, byte>(ref _states)) & States.Waiting) != 0;

    private void AdvanceSlow(int bytes)
    {
        if ((_states & States.Completed) != 0)
        {
            throw new InvalidOperationException("Writing has been completed.");
        }

        WaitForHandover();
        lock (this)
        {
            PipeSegment? tail = IsMemoryOut ? _backlog!.Tail : null;
            if ((uint)bytes > (uint)(tail?.Free ?? 0))
            {
                throw new ArgumentOutOfRangeException(nameof(bytes));
            }

            if (bytes > 0)
            {
                tail!.End += bytes;
                _backlog!.Unflushed += bytes;
            }
        }
    }

    private ValueTask<FlushResult> FlushSlow(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if ((_states & States.Waiting) != 0)
        {
            throw new InvalidOperationException("A flush is already in progress.");
        }

        WaitForHandover();
        bool isOnLoop = _connection.Loop.IsOnLoop;
        if (isOnLoop && HasScratch)
        {
            KeepScratch();
        }

        lock (this)
        {
            _states &= ~States.MemoryOut;
            _backlog?.Flush(memoryOut: false);
        }

        if (isOnLoop)
        {
            bool isSent = _connection.IsDead || SendPending();
            if (TryTakeCancel())
            {
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, _connection.IsDead));
            }

            if (_connection.IsDead)
            {
                OnDeath();
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
            }

            if (isSent)
            {
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
            }
        }

        LoopBacklog backlog;
        lock (this)
        {
            backlog = MakeBacklog();
        }

        if (cancellationToken.CanBeCanceled)
        {
            backlog.CancellationWait = new CancellationWait(cancellationToken);
        }

        // Registered before the loop can complete the wait and let go of it; the loop looks at it again when it is signalled below.
        backlog.CancellationWait?.Register(_connection, LoopSignals.Flush);
        var pending = new ValueTask<FlushResult>(this, backlog.Awaitable.Version);
        lock (this)
        {
            _states |= States.Waiting;
        }

        if (!isOnLoop)
        {
            _connection.Signal(LoopSignals.Flush);
        }

        return pending;
    }

    private bool TryTakeCancel() => Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0;

    private void MarkCompleted()
    {
        if (_connection.Loop.IsOnLoop && HasScratch)
        {
            KeepScratch();
        }

        lock (this)
        {
            _states = (_states | States.Completed) & ~States.MemoryOut;
            _backlog?.Flush(memoryOut: false);
        }
    }

    /// <summary>As the reader's: a cancellation asked for before is this flush's, whatever ends it.</summary>
    private void CompleteWait()
    {
        bool isCanceled = TryTakeCancel();
        lock (this)
        {
            _states = isCanceled ? (_states & ~States.Waiting) | States.Cancelled : _states & ~States.Waiting;
        }

        _backlog!.Awaitable.Complete();
    }

    /// <summary>As the reader's: a producer that left the loop waits until the scratch it wrote into is its own.</summary>
    private void WaitForHandover()
    {
        if (!_connection.Loop.IsOnLoop && HasScratch)
        {
            var spin = new SpinWait();
            while (HasScratch)
            {
                spin.SpinOnce();
            }
        }
    }

    private static void ThrowNotDone() => throw new InvalidOperationException("The flush has not ended.");
}
