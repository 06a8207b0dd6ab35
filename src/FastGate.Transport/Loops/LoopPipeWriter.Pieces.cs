using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>The pieces of a writer that could not do with the scratch.</summary>
internal sealed partial class LoopPipeWriter
{
    /// <summary>Pieces of one send: more than a socket's buffer takes at once by default.</summary>
    private const int PiecesPerSend = 16;

    /// <summary>Sends of one turn, after which the other connections are served.</summary>
    private const int SendsPerTurn = 8;

    private bool IsMemoryOut => (_states & States.MemoryOut) != 0;

    /// <summary>Under the lock.</summary>
    private LoopBacklog MakeBacklog() => _backlog ??= new LoopBacklog(_connection.Loop.Pool);

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
            LoopBacklog backlog = MakeBacklog();
            PipeSegment? tail = backlog.Tail;
            if (tail is null || tail.Free < Math.Max(sizeHint, 1))
            {
                int size = tail is null ? SegmentPool.SmallestSize : Math.Min(tail.Array.Length * 2, SegmentPool.LargestSize);
                backlog.Append(_connection.Loop.Pool.Rent(Math.Max(sizeHint, size)));
            }

            return backlog.Tail!;
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
            LoopBacklog backlog = MakeBacklog();
            backlog.Unflushed += rest;
            backlog.Append(piece);
            Buffers.EndSendLoan();
        }
    }

    /// <summary>Sends what has been flushed. True when nothing is left, or nothing can be sent any more.</summary>
    private unsafe bool SendPending()
    {
        if (!HasPending)
        {
            return true;
        }

        LinuxSocket.IoVector* pieces = stackalloc LinuxSocket.IoVector[PiecesPerSend];
        int result = 0;
        lock (this)
        {
            LoopBacklog backlog = _backlog!;
            for (int turn = 0; backlog.Pending > 0; turn++)
            {
                if (turn == SendsPerTurn)
                {
                    _connection.Requeue();
                    return false;
                }

                // The pieces are on the pinned heap.
                int count = 0;
                long left = backlog.Pending;
                int start = backlog.HeadSent;
                for (PipeSegment? segment = backlog.Head; left > 0 && count < PiecesPerSend; segment = segment.NextSegment)
                {
                    long length = Math.Min(segment!.End - start, left);
                    if (length > 0)
                    {
                        // Nothing but pieces that were asked for and left empty would be a send that gets nowhere.
                        pieces[count].Start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref segment.Array[0]) + start;
                        pieces[count++].Length = (nuint)length;
                    }

                    left -= length;
                    start = 0;
                }

                result = LinuxSocket.Send(_connection.Descriptor, pieces, count);
                if (result < 0)
                {
                    break;
                }

                backlog.Sent(result, IsMemoryOut);
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
}
