using System.IO.Pipelines;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// The writing half of a loop's connection. Bytes are collected in the loop's scratch and a flush is one send. What the kernel does not take is
/// kept in pooled pieces, and the flush completes when they have been sent. Once the connection has ended, written bytes are dropped and
/// flushes report <c>IsCompleted</c>.
/// <para>Used on the connection's loop only, by one producer; a call from another thread throws. Only <see cref="CancelPendingFlush"/> may be
/// called by any thread. Cancellation tokens are not supported.</para>
/// <para>Budget: no allocation for a flush that the kernel takes whole (LoopConnectionTests).</para>
/// </summary>
internal sealed partial class LoopPipeWriter : PipeWriter
{
    /// <summary>Sends of one turn, after which the other connections are served.</summary>
    private const int SendsPerTurn = 8;

    private LoopConnection _connection = null!;

    // Created when first needed and then kept; most writers never need it.
    private LoopBacklog? _backlog;
    private bool _isWaiting;
    private bool _isCompleted;
    private bool _isCanceled;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => (_backlog?.Unflushed ?? 0) + (HasScratch ? Buffers.Send.End : 0);

    /// <summary>Nothing is written or waits.</summary>
    public bool IsIdle => !HasPieces && !_isWaiting && !_isCompleted && !HasScratch;

    /// <summary>True while flushed bytes wait for the kernel.</summary>
    public bool HasPending => _backlog is { HasPending: true };

    private bool HasPieces => _backlog is { IsEmpty: false };

    private LoopBuffers Buffers => _connection.Loop.Buffers;

    private bool HasScratch => Buffers.IsLentTo(this);

    private LoopBacklog Backlog => _backlog ??= new LoopBacklog(_connection.Loop.Pool);

    /// <summary>Called by <see cref="LoopPipe"/>.</summary>
    public void Bind(LoopConnection? owner) => _connection = owner!;

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
        if (!HasPieces && HasScratch && (uint)bytes <= (uint)Buffers.Send.Free)
        {
            Buffers.Send.End += bytes;
            return;
        }

        if (bytes != 0 && !(HasPieces && _backlog!.TryAdvance(bytes)))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _connection.Loop.ThrowIfOffLoop();
        if (HasScratch && !HasPieces && !_isWaiting && !_isCompleted && !cancellationToken.CanBeCanceled && !_connection.IsDead)
        {
            PipeSegment scratch = Buffers.Send;
            int sent = scratch.End == 0 ? 0 : LinuxSocket.Send(_connection.Descriptor, scratch.Array.AsSpan(0, scratch.End));
            if (sent == scratch.End)
            {
                Buffers.EndSendLoan();
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
            }

            KeepRest(sent);
        }

        return FlushPieces(cancellationToken);
    }

    public override void Complete(Exception? exception = null)
    {
        _connection.Loop.ThrowIfOffLoop();
        if (_isCompleted)
        {
            return;
        }

        MarkCompleted();
        if (exception is not null)
        {
            _connection.Abort(new ConnectionAbortedException("The writer failed.", exception));
            return;
        }

        // The next turn sends the rest and ends the sending side.
        _connection.Requeue();
    }

    /// <summary>Called by the loop: the kernel may take more.</summary>
    public void OnWritable()
    {
        if (_connection.IsDead)
        {
            OnDeath();
            return;
        }

        // Once watched, the kernel reports space with every input event.
        if ((HasPending || _isWaiting || _isCompleted) && SendPending())
        {
            if (_isCompleted)
            {
                _connection.EndSending();
            }

            CompleteWait();
        }
    }

    /// <summary>Called by the loop: bytes that the kernel has not taken from this or an earlier owner, which come before all others. The next flush waits for them.</summary>
    public void SendLater(ReadOnlySpan<byte> rest)
    {
        Backlog.AppendCopy(rest);
        Backlog.Flush();
        SendPending();
    }

    /// <summary>Called by the loop: both directions have ended and nothing will be sent.</summary>
    public void OnDeath()
    {
        _backlog?.Discard();
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
        MarkCompleted();
        _backlog?.Discard();
    }

    /// <summary>The scratch becomes a piece of the writer's own.</summary>
    public void KeepScratch()
    {
        if (_isCompleted && Buffers.Send.End == 0)
        {
            Buffers.EndSendLoan();
            return;
        }

        Backlog.AppendHeld(Buffers.TakeSend());
    }

    /// <summary>The scratch where nothing of this writer waits before it and it has the space, else a piece.</summary>
    private PipeSegment Space(int sizeHint)
    {
        _connection.Loop.ThrowIfOffLoop();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_isCompleted)
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

        return Backlog.Space(sizeHint);
    }

    private ValueTask<FlushResult> FlushPieces(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("A flush on an event loop takes no cancellation token.");
        }

        if (_isWaiting)
        {
            throw new InvalidOperationException("A flush is already in progress.");
        }

        if (HasScratch)
        {
            KeepScratch();
        }

        _backlog?.Flush();
        bool isSent = _connection.IsDead || SendPending();
        if (_connection.IsDead)
        {
            OnDeath();
        }

        if (isSent)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, _connection.IsDead));
        }

        _isWaiting = true;
        return new ValueTask<FlushResult>(this, _backlog!.Awaitable.Version);
    }

    /// <summary>After a send that the kernel did not take whole: the rest becomes a piece.</summary>
    private void KeepRest(int sent)
    {
        if (sent < 0 && sent != -LinuxError.Again)
        {
            Buffers.EndSendLoan();
            _connection.Die(LinuxError.ToException(sent));
            return;
        }

        Backlog.AppendCopy(Buffers.Send.Array.AsSpan(Math.Max(sent, 0)..Buffers.Send.End));
        Buffers.EndSendLoan();
    }

    /// <summary>Sends what has been flushed. True when nothing is left, or nothing can be sent any more.</summary>
    private bool SendPending()
    {
        for (int turn = 0; HasPending; turn++)
        {
            if (turn == SendsPerTurn)
            {
                _connection.Requeue();
                return false;
            }

            int sent = _backlog!.Send(_connection.Descriptor);
            if (sent == -LinuxError.Again)
            {
                _connection.WatchOutput();
                return _connection.IsDead;
            }

            if (sent < 0)
            {
                _connection.Die(LinuxError.ToException(sent));
                return true;
            }
        }

        return true;
    }

    private void MarkCompleted()
    {
        if (HasScratch)
        {
            KeepScratch();
        }

        _isCompleted = true;
        _backlog?.Flush();
    }
}
