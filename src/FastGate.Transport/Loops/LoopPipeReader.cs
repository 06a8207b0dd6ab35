using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// The reading half of a loop's connection. Bytes are received when they are asked for, straight into the loop's buffer, which
/// is lent to the handler until it advances or its callback ends; what it does not consume is kept in pooled pieces that grow,
/// and later bytes are received behind it.
/// <para>One consumer at a time, on any thread. On the loop a read completes at once when it can; elsewhere it is handed to the
/// loop and always continues there. <see cref="CancelPendingRead"/> may be called by anyone.</para>
/// <para>Budget: no allocation for a read that is consumed whole, on the loop.</para>
/// </summary>
internal sealed partial class LoopPipeReader : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly LoopConnection _connection;

    // The consumer's; the loop's while a read waits.
    private PipeSegment? _head;
    private PipeSegment? _tail;
    private LoopAwaitable _awaitable;
    private States _states;
    private int _headIndex;

    // Any thread.
    private int _cancelRequested;

    // The consumer's: the token of the pending read.
    private CancellationWait? _tokenWait;

    public LoopPipeReader(LoopConnection connection) => _connection = connection;

    [Flags]
    private enum States : byte
    {
        None = 0,

        /// <summary>A result is out and has not been advanced.</summary>
        Reading = 1,

        /// <summary>A read waits for the loop.</summary>
        Waiting = 2,

        /// <summary>The waiting read ends by cancellation.</summary>
        Cancelled = 4,

        /// <summary>What is held has not been examined to its end.</summary>
        Unexamined = 8,

        /// <summary>The consumer wants nothing more.</summary>
        Completed = 16,
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_states == States.None && _cancelRequested == 0 && !cancellationToken.CanBeCanceled && _connection.Loop.IsOnLoop)
        {
            if (_connection.IsReadable)
            {
                return ReceiveOrWait();
            }

            if (!_connection.IsDead && !_connection.InputEnded)
            {
                return Wait();
            }
        }

        return ReadSlow(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfUnusable();
        if (TryTakeCancel())
        {
            result = Result(isCanceled: true);
            return true;
        }

        if (_connection.IsDead)
        {
            _connection.ThrowFault();
        }

        if (HasUnexamined || _connection.InputEnded)
        {
            result = Result(isCanceled: false);
            return true;
        }

        // Elsewhere than on the loop there is nothing before a read has been awaited, and here nothing beyond the share of this turn.
        if (_connection.Loop.IsOnLoop && _connection.IsReadable && --_connection.Loop.ReadsLeft >= 0)
        {
            int count = Receive();
            if (count >= 0)
            {
                result = Result(isCanceled: false);
                return true;
            }

            if (_connection.IsDead)
            {
                _connection.ThrowFault();
            }
        }

        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        EventLoop loop = _connection.Loop;
        if ((_states & States.Reading) != 0 && loop.IsOnLoop && loop.Buffers.IsLentTo(this))
        {
            PipeSegment segment = loop.Buffers.Receive;
            if (ReferenceEquals(consumed.GetObject(), segment) && consumed.GetInteger() == segment.End
                && ReferenceEquals(examined.GetObject(), segment) && examined.GetInteger() == segment.End)
            {
                _states &= ~(States.Reading | States.Unexamined);
                loop.Buffers.EndReceiveLoan();
                return;
            }
        }

        AdvanceSlow(consumed, examined);
    }

    /// <summary>Any thread; any number of calls before the loop looks cost one wake-up.</summary>
    public override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelRequested, 1);
        _connection.Signal(LoopSignals.Read);
    }

    public override void Complete(Exception? exception = null)
    {
        if ((_states & States.Completed) != 0)
        {
            return;
        }

        WaitForHandover();
        _states = (_states | States.Completed) & ~(States.Reading | States.Unexamined);
        ReturnAll();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _awaitable.Validate(token);
        if (!_awaitable.IsDone)
        {
            ThrowNotDone();
        }

        _awaitable.Reset();
        bool isCanceled = (_states & States.Cancelled) != 0;
        _states &= ~States.Cancelled;
        if (_tokenWait is not null)
        {
            EndTokenWait(ref isCanceled);
        }

        if ((_states & States.Completed) != 0)
        {
            ThrowCompleted();
        }

        if (_connection.IsDead && !isCanceled)
        {
            // What was received before the end is not shown any more, as with the framework's pipe.
            WaitForHandover();
            ReturnAll();
            _connection.ThrowFault();
        }

        return Result(isCanceled);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _awaitable.Status(token, _connection.Loop);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _awaitable.OnCompleted(continuation, state, token, flags, _connection.Loop);

    /// <summary>The loop's.</summary>
    public bool IsAwaitedBy(Task handler) => _awaitable.IsAwaitedBy(handler);

    private bool HasUnexamined => _head is not null && (_states & States.Unexamined) != 0;

    private ValueTask<ReadResult> Wait()
    {
        // The last store before the loop may look: it takes the waiting read from here.
        Volatile.Write(ref System.Runtime.CompilerServices.Unsafe.As<States, byte>(ref _states), (byte)(_states | States.Waiting));
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
        if (count >= 0)
        {
            return new ValueTask<ReadResult>(Result(isCanceled: false));
        }

        if (count == -LinuxSocket.AgainError)
        {
            return Wait();
        }

        _connection.ThrowFault();
        return default;
    }

    private ReadResult Result(bool isCanceled)
    {
        ReadOnlySequence<byte> buffer = default;
        LoopBuffers buffers = _connection.Loop.Buffers;
        if (_head is not null)
        {
            buffer = new ReadOnlySequence<byte>(_head, _headIndex, _tail!, _tail!.End);
        }
        else if (buffers.IsLentTo(this))
        {
            PipeSegment segment = buffers.Receive;
            buffer = new ReadOnlySequence<byte>(segment, 0, segment, segment.End);
        }

        _states |= States.Reading;
        return new ReadResult(buffer, isCanceled, _connection.InputEnded);
    }

    /// <summary>Receives behind what is held, or into the loop's buffer. As <see cref="LoopConnection.Receive"/>.</summary>
    private int Receive()
    {
        if (_head is not null)
        {
            return ReceiveBehind();
        }

        LoopBuffers buffers = _connection.Loop.Buffers;
        PipeSegment segment = buffers.ReceiveBuffer();
        segment.End = 0;
        int count = _connection.Receive(segment);
        if (count > 0)
        {
            segment.End = count;
            buffers.LendReceive(this);
        }

        return count;
    }
}
