using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// The writing half of a loop's connection. On the loop, bytes are put together in the loop's scratch and a flush is one send;
/// what the kernel does not take is kept in pooled pieces, and the flush completes when it has gone. A writer elsewhere never
/// touches the scratch: it writes into pieces of its own and its flush is handed to the loop.
/// <para>One producer at a time, on any thread; its flushes continue on the loop. <see cref="CancelPendingFlush"/> may be called
/// by anyone. When the connection is over, what is written goes nowhere and flushes say so by <c>IsCompleted</c>.</para>
/// <para>Budget: no allocation for a flush that the kernel takes whole, on the loop.</para>
/// </summary>
internal sealed partial class LoopPipeWriter : PipeWriter, IValueTaskSource<FlushResult>
{
    private readonly LoopConnection _connection;

    // Made under this object's lock by whoever first needs it, and then kept: most writers never do.
    private LoopBacklog? _backlog;

    // Guarded by this object's lock, as is the backlog.
    private States _states;

    // Any thread.
    private int _cancelRequested;

    public LoopPipeWriter(LoopConnection connection) => _connection = connection;

    [Flags]
    private enum States : byte
    {
        None = 0,

        /// <summary>A flush waits for the loop.</summary>
        Waiting = 1,

        /// <summary>The waiting flush ends by cancellation.</summary>
        Cancelled = 2,

        /// <summary>Nothing more will be written.</summary>
        Completed = 4,

        /// <summary>Memory of the last piece is out: it must stay even when everything before it has gone.</summary>
        MemoryOut = 8,
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes
    {
        get
        {
            WaitForHandover();
            return (_backlog?.Unflushed ?? 0) + (HasScratch ? Buffers.Send.End : 0);
        }
    }

    /// <summary>The loop's: flushed bytes still wait for the kernel.</summary>
    public bool HasPending => _backlog is { Pending: > 0 };

    /// <summary>The loop's.</summary>
    public bool IsAwaitedBy(Task handler) => _backlog is { } backlog && backlog.Awaitable.IsAwaitedBy(handler);

    private bool HasPieces => _backlog is { Head: not null };

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (TryGetScratch(sizeHint))
        {
            PipeSegment scratch = Buffers.Send;
            return scratch.Array.AsMemory(scratch.End);
        }

        PipeSegment segment = GetSegment(sizeHint);
        return segment.Array.AsMemory(segment.End);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        if (TryGetScratch(sizeHint))
        {
            PipeSegment scratch = Buffers.Send;
            return scratch.Array.AsSpan(scratch.End);
        }

        PipeSegment segment = GetSegment(sizeHint);
        return segment.Array.AsSpan(segment.End);
    }

    public override void Advance(int bytes)
    {
        if (!HasPieces && HasScratch && _connection.Loop.IsOnLoop)
        {
            PipeSegment scratch = Buffers.Send;
            if ((uint)bytes <= (uint)scratch.Free)
            {
                scratch.End += bytes;
                return;
            }
        }

        AdvanceSlow(bytes);
    }

    public override unsafe ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_states == States.None && !HasPieces && _cancelRequested == 0 && !cancellationToken.CanBeCanceled
            && _connection.Loop.IsOnLoop && HasScratch && !_connection.IsDead)
        {
            PipeSegment scratch = Buffers.Send;
            int sent = 0;
            if (scratch.End > 0)
            {
                fixed (byte* pointer = scratch.Array)
                {
                    sent = LinuxSocket.Send(_connection.Descriptor, pointer, scratch.End);
                }
            }

            if (sent == scratch.End)
            {
                Buffers.EndSendLoan();
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
            }

            KeepRest(sent);
        }

        return FlushSlow(cancellationToken);
    }

    /// <summary>Any thread; any number of calls before the loop looks cost one wake-up.</summary>
    public override void CancelPendingFlush()
    {
        Volatile.Write(ref _cancelRequested, 1);
        _connection.Signal(LoopSignals.Flush);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        LoopBacklog backlog = _backlog!;
        backlog.Awaitable.Validate(token);
        if (!backlog.Awaitable.IsDone)
        {
            ThrowNotDone();
        }

        backlog.Awaitable.Reset();
        bool isCanceled = (_states & States.Cancelled) != 0;
        _states &= ~States.Cancelled;
        if (backlog.CancellationWait is { } wait)
        {
            backlog.CancellationWait = null;
            wait.Unregister();
            if (wait.Fired && !isCanceled && !_connection.IsDead && HasPending)
            {
                wait.Throw();
            }
        }

        return new FlushResult(isCanceled, _connection.IsDead);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _backlog!.Awaitable.Status(token, _connection.Loop);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _backlog!.Awaitable.OnCompleted(continuation, state, token, flags, _connection.Loop);

    private LoopBuffers Buffers => _connection.Loop.Buffers;

    private bool HasScratch => Buffers.IsLentTo(this);

    /// <summary>Whether the scratch is this writer's and has the room. It is taken only when nothing of ours waits before it.</summary>
    private bool TryGetScratch(int sizeHint)
    {
        if (HasPieces || (_states & States.Completed) != 0 || !_connection.Loop.IsOnLoop || !Buffers.TryLendSend(this))
        {
            return false;
        }

        if (Buffers.Send.Free >= Math.Max(sizeHint, 1))
        {
            return true;
        }

        KeepScratch();
        return false;
    }
}
