using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// The reading half of a loop's connection. A read receives straight into the loop's buffer, which is lent to the handler until it advances or
/// its callback ends. Bytes that are not consumed are kept in pooled pieces, and later bytes are received behind them.
/// <para>Used on the connection's loop only, by one consumer; a call from another thread throws. Only <see cref="CancelPendingRead"/> may be
/// called by any thread. Cancellation tokens are not supported.</para>
/// <para>Budget: no allocation for a read that is consumed whole (LoopConnectionTests).</para>
/// </summary>
internal sealed partial class LoopPipeReader : PipeReader, IValueTaskSource<ReadResult>
{
    private LoopConnection _connection = null!;
    private LoopKeptInput _kept;
    private LoopAwaitable _awaitable;
    private LoopReadStates _states;

    /// <summary>The connection waits for input and nothing else.</summary>
    public bool IsIdle => _states == LoopReadStates.Waiting && _kept.IsEmpty;

    private bool IsWaiting => (_states & LoopReadStates.Waiting) != 0;

    private bool HasUnexamined => !_kept.IsEmpty && (_states & LoopReadStates.Unexamined) != 0;

    /// <summary>Called by <see cref="LoopPipe"/>.</summary>
    public void Bind(LoopConnection? owner, bool isWaiting)
    {
        _connection = owner!;
        _states = isWaiting ? LoopReadStates.Waiting : LoopReadStates.None;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        _connection.Loop.ThrowIfOffLoop();
        bool isPlain = _states == LoopReadStates.None && !_connection.IsReadCancelled && !cancellationToken.CanBeCanceled;
        return isPlain && _connection.IsReadable ? ReceiveOrWait()
            : isPlain && !_connection.IsDead && !_connection.InputEnded ? Wait()
            : ReadSlow(cancellationToken);
    }

    /// <summary>Returns bytes that were kept, and never receives.</summary>
    public override bool TryRead(out ReadResult result)
    {
        _connection.Loop.ThrowIfOffLoop();
        ThrowIfUnusable();
        bool isCanceled = _connection.TryTakeReadCancel();
        if (_connection.IsDead && !isCanceled)
        {
            _connection.ThrowFault();
        }

        bool hasResult = isCanceled || HasUnexamined || _connection.InputEnded;
        result = hasResult ? Result(isCanceled) : default;
        return hasResult;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        EventLoop loop = _connection.Loop;
        loop.ThrowIfOffLoop();
        if ((_states & LoopReadStates.Reading) == 0)
        {
            throw new InvalidOperationException("There is no read to advance.");
        }

        if (loop.Buffers.IsLentTo(this))
        {
            if (loop.Buffers.IsEndOfReceive(consumed) && loop.Buffers.IsEndOfReceive(examined))
            {
                _states &= ~(LoopReadStates.Reading | LoopReadStates.Unexamined);
                loop.Buffers.EndReceiveLoan();
                return;
            }

            _kept.Keep(loop.Buffers.TakeReceive());
        }

        if (!_kept.IsEmpty)
        {
            _states = _kept.Advance(consumed, examined, loop.Pool) ? _states | LoopReadStates.Unexamined : _states & ~LoopReadStates.Unexamined;
        }

        _states &= ~LoopReadStates.Reading;
    }

    /// <summary>Any thread.</summary>
    public override void CancelPendingRead() => _connection.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _connection.Loop.ThrowIfOffLoop();
        _states = (_states | LoopReadStates.Completed) & ~(LoopReadStates.Reading | LoopReadStates.Unexamined);
        ReturnAll();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _connection.Loop.ThrowIfOffLoop();
        _awaitable.Take(token);
        bool isCanceled = (_states & LoopReadStates.Cancelled) != 0;
        _states &= ~LoopReadStates.Cancelled;
        if ((_states & LoopReadStates.Completed) != 0)
        {
            ThrowCompleted();
        }

        if (_connection.IsDead && !isCanceled)
        {
            // Bytes received before the end are not returned any more, as with the framework's pipe.
            ReturnAll();
            _connection.ThrowFault();
        }

        return Result(isCanceled);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _awaitable.Status(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _connection.Loop.ThrowIfOffLoop();
        _awaitable.OnCompleted(continuation, state, token);
    }

    public bool IsAwaitedBy(Task handler) => _awaitable.IsAwaitedBy(handler);

    /// <summary>Called by the loop: there is input, or its end.</summary>
    public void OnReadable()
    {
        if ((_states & (LoopReadStates.Waiting | LoopReadStates.Paused)) != LoopReadStates.Waiting)
        {
            return;
        }

        if (_connection.IsReadable && (_states & LoopReadStates.Completed) == 0)
        {
            if (--_connection.Loop.ReadsLeft < 0)
            {
                _connection.Requeue();
                return;
            }

            if (Receive() == -LinuxError.Again)
            {
                return;
            }
        }
        else if (!_connection.IsReadable && !_connection.InputEnded && !_connection.IsDead)
        {
            return;
        }

        CompleteWait();
    }

    /// <summary>Called by the loop: the connection has received this many bytes into the loop's buffer for this reader, or has ended.</summary>
    public void OnReceived(int count)
    {
        if (count > 0)
        {
            LoopBuffers buffers = _connection.Loop.Buffers;
            buffers.ReceiveBuffer().End = count;
            buffers.LendReceive(this);
        }

        CompleteWait();
    }

    /// <summary>Called by the loop: cancellation of a read was requested.</summary>
    public void OnCancel() => CompleteWait();

    /// <summary>Input stays in the kernel until it is resumed, also when its event has come.</summary>
    public void Pause(bool isPaused) => _states = isPaused ? _states | LoopReadStates.Paused : _states & ~LoopReadStates.Paused;

    /// <summary>Called by the loop: both directions have ended.</summary>
    public void OnDeath() => CompleteWait();

    /// <summary>Called by the loop: the handler has ended. A read it left waiting fails when the connection ends.</summary>
    public void Release()
    {
        _states = LoopReadStates.Completed | (_states & LoopReadStates.Waiting);
        ReturnAll();
    }

    /// <summary>Called by the loop: the callback has ended while the consumer still holds the lent buffer, which becomes the reader's own.</summary>
    public void Keep(PipeSegment segment)
    {
        _kept.Keep(segment);
        if ((_states & LoopReadStates.Reading) == 0)
        {
            // The completed read has not been taken yet.
            _states |= LoopReadStates.Unexamined;
        }
    }

    private ValueTask<ReadResult> ReadSlow(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("Use CancelPendingRead: a read on an event loop takes no cancellation token.");
        }

        return TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result)
            : _connection.IsReadable && (_states & LoopReadStates.Paused) == 0 ? ReceiveOrWait()
            : Wait();
    }

    private ValueTask<ReadResult> Wait()
    {
        _states |= LoopReadStates.Waiting;
        return new ValueTask<ReadResult>(this, _awaitable.Version);
    }

    private ValueTask<ReadResult> ReceiveOrWait()
    {
        if (--_connection.Loop.ReadsLeft < 0)
        {
            _connection.Requeue();
            return Wait();
        }

        int count = Receive();
        if (count == -LinuxError.Again)
        {
            return Wait();
        }

        if (count < 0)
        {
            _connection.ThrowFault();
        }

        return new ValueTask<ReadResult>(Result(isCanceled: false));
    }

    private ReadResult Result(bool isCanceled)
    {
        LoopBuffers buffers = _connection.Loop.Buffers;
        ReadOnlySequence<byte> buffer = !_kept.IsEmpty ? _kept.Bytes : buffers.IsLentTo(this) ? buffers.Received : default;
        _states |= LoopReadStates.Reading;
        return new ReadResult(buffer, isCanceled, _connection.InputEnded);
    }

    /// <summary>Receives behind the kept bytes, or into the loop's buffer. Returns what <see cref="LoopConnection.Receive"/> returns.</summary>
    private int Receive()
    {
        bool isBehind = !_kept.IsEmpty;
        LoopBuffers buffers = _connection.Loop.Buffers;
        PipeSegment segment = isBehind ? _kept.Space(_connection.Loop.Pool) : buffers.ReceiveBuffer();
        int count = _connection.Receive(segment);
        if (count > 0)
        {
            segment.End += count;
            if (isBehind)
            {
                _states |= LoopReadStates.Unexamined;
            }
            else
            {
                buffers.LendReceive(this);
            }
        }

        return count;
    }

    private void ReturnAll()
    {
        EventLoop loop = _connection.Loop;
        if (loop.Buffers.IsLentTo(this))
        {
            loop.Buffers.EndReceiveLoan();
        }

        _kept.ReturnAll(loop.Pool);
    }

    private void ThrowIfUnusable()
    {
        if ((_states & LoopReadStates.Completed) != 0)
        {
            ThrowCompleted();
        }

        if ((_states & (LoopReadStates.Waiting | LoopReadStates.Reading)) != 0)
        {
            throw new InvalidOperationException("A read is already in progress.");
        }
    }

    private static void ThrowCompleted() => throw new InvalidOperationException("Reading has been completed.");
}
