using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// The writing half of a loop's connection. Bytes are collected in the loop's scratch and a flush is one send. What the kernel does not take is
/// kept in pooled pieces, and the flush completes when they have been sent. Once the connection has ended, written bytes are dropped and
/// flushes report <c>IsCompleted</c>.
/// <para>Used on the connection's loop only, by one producer; a call from another thread throws. Cancellation of flushes is not supported.</para>
/// <para>Budget: no allocation for a flush that the kernel takes whole.</para>
/// </summary>
internal sealed class LoopPipeWriter : PipeWriter, IValueTaskSource<FlushResult>
{
    /// <summary>Pieces of one send: more than a socket's buffer takes at once by default.</summary>
    private const int PiecesPerSend = 16;

    /// <summary>Sends of one turn, after which the other connections are served.</summary>
    private const int SendsPerTurn = 8;

    private readonly LoopConnection _connection;

    // Created when first needed and then kept; most writers never need it.
    private LoopBacklog? _backlog;
    private States _states;

    public LoopPipeWriter(LoopConnection connection) => _connection = connection;

    [Flags]
    private enum States : byte
    {
        None = 0,

        /// <summary>A flush waits for the kernel.</summary>
        Waiting = 1,

        /// <summary>The producer writes no more.</summary>
        Completed = 2,

        /// <summary>The producer holds memory of the last piece, which must stay even when everything before it has been sent.</summary>
        MemoryOut = 4,
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => (_backlog?.Unflushed ?? 0) + (HasScratch ? Buffers.Send.End : 0);

    /// <summary>True while flushed bytes wait for the kernel.</summary>
    public bool HasPending => _backlog is { Pending: > 0 };

    private bool HasPieces => _backlog is { Head: not null };

    private bool IsMemoryOut => (_states & States.MemoryOut) != 0;

    private bool IsWaiting => (_states & States.Waiting) != 0;

    private LoopBuffers Buffers => _connection.Loop.Buffers;

    private bool HasScratch => Buffers.IsLentTo(this);

    private LoopBacklog Backlog => _backlog ??= new LoopBacklog(_connection.Loop.Pool);

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        PipeSegment segment = Space(sizeHint);
        return segment.Array.AsMemory(segment.End);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        PipeSegment segment = Space(sizeHint);
        return segment.Array.AsSpan(segment.End);
    }

    public override void Advance(int bytes)
    {
        _connection.Loop.ThrowIfOffLoop();
        PipeSegment? segment = !HasPieces && HasScratch ? Buffers.Send : IsMemoryOut ? _backlog!.Tail : null;
        if ((uint)bytes > (uint)(segment?.Free ?? 0))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }

        if (bytes > 0)
        {
            segment!.End += bytes;
            if (HasPieces)
            {
                _backlog!.Unflushed += bytes;
            }
        }
    }

    public override unsafe ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _connection.Loop.ThrowIfOffLoop();
        if (_states == States.None && !HasPieces && !cancellationToken.CanBeCanceled && HasScratch && !_connection.IsDead)
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

        return FlushPieces(cancellationToken);
    }

    public override void CancelPendingFlush() => throw new NotSupportedException("A flush on an event loop ends by itself or with its connection.");

    public override void Complete(Exception? exception = null)
    {
        _connection.Loop.ThrowIfOffLoop();
        if ((_states & States.Completed) != 0)
        {
            return;
        }

        MarkCompleted();
        if (exception is not null)
        {
            _connection.Abort(new ConnectionAbortedException("The writer failed.", exception));
            return;
        }

        // Sent, and our side ended, by the turn that follows.
        _connection.Requeue();
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _connection.Loop.ThrowIfOffLoop();
        _backlog!.Awaitable.Take(token);
        return new FlushResult(isCanceled: false, _connection.IsDead);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _backlog!.Awaitable.Status(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _connection.Loop.ThrowIfOffLoop();
        _backlog!.Awaitable.OnCompleted(continuation, state, token);
    }

    public bool IsAwaitedBy(Task handler) => _backlog is { } backlog && backlog.Awaitable.IsAwaitedBy(handler);

    /// <summary>Called by the loop: the kernel may take more.</summary>
    public void OnWritable()
    {
        if (_connection.IsDead)
        {
            OnDeath();
            return;
        }

        // Once watched, the kernel reports space with every input event.
        if (_states == States.None && !HasPending)
        {
            return;
        }

        if (!SendPending())
        {
            return;
        }

        if ((_states & States.Completed) != 0)
        {
            _connection.EndSending();
        }

        CompleteWait();
    }

    /// <summary>Called by the loop: both directions have ended and nothing will be sent.</summary>
    public void OnDeath()
    {
        _backlog?.Discard(IsMemoryOut);
        CompleteWait();
    }

    /// <summary>Called by the loop: the handler has ended. Everything it wrote, flushed or not, is sent; a flush it left waiting ends after that.</summary>
    public void CompleteForClose()
    {
        MarkCompleted();
        SendPending();
    }

    /// <summary>Called by the loop: the handler and the connection have ended.</summary>
    public void Release()
    {
        if (HasScratch)
        {
            Buffers.EndSendLoan();
        }

        _states = States.Completed | (_states & States.Waiting);
        if (_backlog is { } backlog)
        {
            backlog.Unflushed = 0;
            backlog.Discard(memoryOut: false);
        }
    }

    /// <summary>The scratch becomes a piece of the writer's own.</summary>
    public void KeepScratch()
    {
        if (Buffers.Send.End == 0 && (_states & States.Completed) != 0)
        {
            Buffers.EndSendLoan();
            return;
        }

        PipeSegment scratch = Buffers.TakeSend();
        Backlog.Unflushed += scratch.End;
        Backlog.Append(scratch);
        _states |= States.MemoryOut;
    }

    /// <summary>The scratch where nothing of this writer waits before it and it has the space, else a piece.</summary>
    private PipeSegment Space(int sizeHint)
    {
        _connection.Loop.ThrowIfOffLoop();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if ((_states & States.Completed) != 0)
        {
            throw new InvalidOperationException("Writing has been completed.");
        }

        if (!HasPieces && Buffers.TryLendSend(this))
        {
            if (Buffers.Send.Free >= Math.Max(sizeHint, 1))
            {
                return Buffers.Send;
            }

            KeepScratch();
        }

        _states |= States.MemoryOut;
        PipeSegment? tail = Backlog.Tail;
        if (tail is null || tail.Free < Math.Max(sizeHint, 1))
        {
            int size = tail is null ? SegmentPool.SmallestSize : Math.Min(tail.Array.Length * 2, SegmentPool.LargestSize);
            Backlog.Append(_connection.Loop.Pool.Rent(Math.Max(sizeHint, size)));
        }

        return Backlog.Tail!;
    }

    private ValueTask<FlushResult> FlushPieces(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("A flush on an event loop takes no cancellation token.");
        }

        if (IsWaiting)
        {
            throw new InvalidOperationException("A flush is already in progress.");
        }

        if (HasScratch)
        {
            KeepScratch();
        }

        _states &= ~States.MemoryOut;
        _backlog?.Flush(memoryOut: false);
        bool isSent = _connection.IsDead || SendPending();
        if (_connection.IsDead)
        {
            OnDeath();
        }

        if (isSent)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, _connection.IsDead));
        }

        _states |= States.Waiting;
        return new ValueTask<FlushResult>(this, Backlog.Awaitable.Version);
    }

    /// <summary>After a send that the kernel did not take whole: the rest becomes a piece.</summary>
    private void KeepRest(int sent)
    {
        PipeSegment scratch = Buffers.Send;
        int taken = Math.Max(sent, 0);
        int rest = scratch.End - taken;
        if (sent < 0 && sent != -LinuxError.Again)
        {
            Buffers.EndSendLoan();
            _connection.Die(LinuxError.ToException(sent));
            return;
        }

        PipeSegment piece = _connection.Loop.Pool.Rent(rest);
        scratch.Array.AsSpan(taken, rest).CopyTo(piece.Array);
        piece.End = rest;
        Backlog.Unflushed += rest;
        Backlog.Append(piece);
        Buffers.EndSendLoan();
    }

    /// <summary>Sends what has been flushed. True when nothing is left, or nothing can be sent any more.</summary>
    private unsafe bool SendPending()
    {
        LinuxSocket.IoVector* pieces = stackalloc LinuxSocket.IoVector[PiecesPerSend];
        int result = 0;
        for (int turn = 0; HasPending; turn++)
        {
            if (turn == SendsPerTurn)
            {
                _connection.Requeue();
                return false;
            }

            result = LinuxSocket.Send(_connection.Descriptor, pieces, _backlog!.Gather(pieces, PiecesPerSend));
            if (result < 0)
            {
                break;
            }

            _backlog.Sent(result, IsMemoryOut);
        }

        if (result == -LinuxError.Again)
        {
            _connection.WatchOutput();
            return _connection.IsDead;
        }

        if (result < 0)
        {
            _connection.Die(LinuxError.ToException(result));
        }

        return true;
    }

    private void MarkCompleted()
    {
        if (HasScratch)
        {
            KeepScratch();
        }

        _states = (_states | States.Completed) & ~States.MemoryOut;
        _backlog?.Flush(memoryOut: false);
    }

    private void CompleteWait()
    {
        if (IsWaiting)
        {
            _states &= ~States.Waiting;
            _backlog!.Awaitable.Complete();
        }
    }
}
