using System.IO.Pipelines;

namespace FastGate.Transport;

/// <summary>What a reply that the kernel takes whole never comes to: pieces of the writer's own, other threads, waiting, the end.</summary>
internal sealed partial class LoopPipeWriter
{
    /// <summary>Pieces of one send: more than a socket's buffer takes at once by default.</summary>
    private const int PiecesPerSend = 16;

    /// <summary>Sends of one turn, after which the other connections are served.</summary>
    private const int SendsPerTurn = 8;

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
            _unflushed += scratch.End;
            _states |= States.MemoryOut;
            Append(scratch);
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
        if (IsWaiting && Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0)
        {
            _states |= States.Cancelled;
            CompleteWait();
        }
        else if (IsWaiting && _tokenWait is { Fired: true })
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

        if (!SendPending())
        {
            return;
        }

        if ((_states & States.Completed) != 0)
        {
            _connection.EndSending();
        }

        if (IsWaiting)
        {
            CompleteWait();
        }
    }

    /// <summary>The loop's: both directions are over; nothing will be sent.</summary>
    public void OnDeath()
    {
        lock (this)
        {
            _pending = 0;
            Drop();
        }

        if (IsWaiting)
        {
            CompleteWait();
        }
    }

    /// <summary>The loop's: the handler has ended; what it wrote, flushed or not, is to go out.</summary>
    public void CompleteForClose()
    {
        if (HasScratch)
        {
            KeepScratch();
        }

        lock (this)
        {
            _states = (_states | States.Completed) & ~(States.Waiting | States.MemoryOut);
            Commit();
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
            _states = States.Completed;
            _pending = 0;
            _unflushed = 0;
            Drop();
        }
    }

    private bool IsWaiting =>
        ((States)Volatile.Read(ref System.Runtime.CompilerServices.Unsafe.As<States, byte>(ref _states)) & States.Waiting) != 0;

    private PipeSegment GetSegment(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if ((_states & States.Completed) != 0)
        {
            throw new InvalidOperationException("Writing has been completed.");
        }

        WaitForHandover();
        lock (this)
        {
            _states |= States.MemoryOut;
            if (_tail is null || _tail.Free < Math.Max(sizeHint, 1))
            {
                int size = _tail is null ? SegmentPool.SmallestSize : Math.Min(_tail.Array.Length * 2, SegmentPool.LargestSize);
                Append(_connection.Loop.Pool.Rent(Math.Max(sizeHint, size)));
            }

            return _tail!;
        }
    }

    private void AdvanceSlow(int bytes)
    {
        if ((_states & States.Completed) != 0)
        {
            throw new InvalidOperationException("Writing has been completed.");
        }

        WaitForHandover();
        lock (this)
        {
            if ((_states & States.MemoryOut) == 0 ? bytes != 0 : (uint)bytes > (uint)_tail!.Free)
            {
                throw new ArgumentOutOfRangeException(nameof(bytes));
            }

            if (bytes > 0)
            {
                _tail!.End += bytes;
                _unflushed += bytes;
            }
        }
    }

    /// <summary>On the loop, after a send that the kernel did not take whole: the rest becomes a piece of our own.</summary>
    private void KeepRest(int sent)
    {
        PipeSegment scratch = Buffers.Send;
        int taken = Math.Max(sent, 0);
        int rest = scratch.End - taken;
        if (sent < 0 && sent != -LinuxSocket.AgainError)
        {
            Buffers.EndSendLoan();
            _connection.Die(LinuxError.ToException(sent));
            return;
        }

        lock (this)
        {
            PipeSegment piece = _connection.Loop.Pool.Rent(rest);
            scratch.Array.AsSpan(taken, rest).CopyTo(piece.Array);
            piece.End = rest;
            _unflushed += rest;
            Append(piece);
            Buffers.EndSendLoan();
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
            Commit();
        }

        if (isOnLoop)
        {
            bool isSent = _connection.IsDead || SendPending();
            if (Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0)
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

        if (cancellationToken.CanBeCanceled)
        {
            _tokenWait = new TokenWait(cancellationToken);
        }

        TokenWait? tokenWait = _tokenWait;
        var pending = new ValueTask<FlushResult>(this, _awaitable.Version);
        lock (this)
        {
            _states |= States.Waiting;
        }

        tokenWait?.Register(_connection, LoopSignals.Flush);
        if (!isOnLoop)
        {
            _connection.Signal(LoopSignals.Flush);
        }

        return pending;
    }

    /// <summary>Sends what has been flushed. True when nothing is left, or nothing can be sent any more.</summary>
    private unsafe bool SendPending()
    {
        LinuxSocket.IoVector* pieces = stackalloc LinuxSocket.IoVector[PiecesPerSend];
        int result = 0;
        lock (this)
        {
            for (int turn = 0; _pending > 0; turn++)
            {
                if (turn == SendsPerTurn)
                {
                    _connection.Requeue();
                    return false;
                }

                // The pieces are on the pinned heap.
                int count = 0;
                long left = _pending;
                int start = _headSent;
                for (PipeSegment? segment = _head; left > 0 && count < PiecesPerSend; segment = segment.NextSegment)
                {
                    long length = Math.Min(segment!.End - start, left);
                    pieces[count].Start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref segment.Array[0]) + start;
                    pieces[count++].Length = (nuint)length;
                    left -= length;
                    start = 0;
                }

                result = LinuxSocket.Send(_connection.Descriptor, pieces, count);
                if (result < 0)
                {
                    break;
                }

                Consume(result);
            }
        }

        if (result == -LinuxSocket.AgainError)
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

    private void Consume(int bytes)
    {
        _pending -= bytes;
        while (bytes > 0)
        {
            PipeSegment segment = _head!;
            int rest = segment.End - _headSent;
            if (bytes < rest)
            {
                _headSent += bytes;
                break;
            }

            bytes -= rest;
            _headSent = segment.End;
            if (segment.NextSegment is null)
            {
                break;
            }

            RemoveHead();
        }

        if (_pending == 0 && _unflushed == 0)
        {
            Drop();
        }
    }

    /// <summary>Returns the pieces; the last stays while memory of it is out.</summary>
    private void Drop()
    {
        while (_head is not null && (_head.NextSegment is not null || (_states & States.MemoryOut) == 0))
        {
            RemoveHead();
        }

        if (_head is not null)
        {
            _headSent = _head.End;
        }
    }

    private void RemoveHead()
    {
        PipeSegment segment = _head!;
        _head = segment.NextSegment;
        _headSent = 0;
        if (_head is null)
        {
            _tail = null;
        }

        _connection.Loop.Pool.Return(segment);
    }

    private void Append(PipeSegment segment)
    {
        if (_tail is null)
        {
            _head = segment;
            _headSent = 0;
        }
        else
        {
            _tail.Append(segment);
        }

        _tail = segment;
    }

    private void Commit()
    {
        _pending += _unflushed;
        _unflushed = 0;
        if (_pending == 0)
        {
            Drop();
        }
    }

    private void MarkCompleted()
    {
        if (_connection.Loop.IsOnLoop && HasScratch)
        {
            KeepScratch();
        }

        lock (this)
        {
            _states = (_states | States.Completed) & ~States.MemoryOut;
            Commit();
        }
    }

    private void CompleteWait()
    {
        lock (this)
        {
            _states &= ~States.Waiting;
        }

        _awaitable.Complete();
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
