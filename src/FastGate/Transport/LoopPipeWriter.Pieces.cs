namespace FastGate.Transport;

/// <summary>The pieces of a writer that could not do with the scratch: appended behind by the producer, sent from the front by the loop.</summary>
internal sealed partial class LoopPipeWriter
{
    /// <summary>Pieces of one send: more than a socket's buffer takes at once by default.</summary>
    private const int PiecesPerSend = 16;

    /// <summary>Sends of one turn, after which the other connections are served.</summary>
    private const int SendsPerTurn = 8;

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
}
