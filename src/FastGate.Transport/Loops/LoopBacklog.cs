using System.Runtime.CompilerServices;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// Output that the kernel has not taken: pieces appended behind and sent from the front, and the flush that waits for them. Used on the
/// loop only.
/// </summary>
internal sealed class LoopBacklog(SegmentPool pool)
{
    /// <summary>Pieces of one send: more than a socket's buffer takes at once by default.</summary>
    private const int PiecesPerSend = 16;

    private PipeSegment? _head;
    private PipeSegment? _tail;
    private int _headSent;
    private long _pending;

    /// <summary>The producer holds memory of the last piece, which must stay even when everything before it has been sent.</summary>
    private bool _isMemoryOut;

    /// <summary>Completes when all pending bytes have been sent.</summary>
    public LoopAwaitable Awaitable;

    public bool IsEmpty => _head is null;

    /// <summary>Bytes written and not flushed.</summary>
    public long Unflushed { get; private set; }

    /// <summary>True while flushed bytes have not been sent.</summary>
    public bool HasPending => _pending > 0;

    /// <summary>Appends a copy of unflushed bytes.</summary>
    public void AppendCopy(ReadOnlySpan<byte> bytes)
    {
        PipeSegment piece = pool.Rent(bytes.Length);
        bytes.CopyTo(piece.Array);
        piece.End = bytes.Length;
        Append(piece);
    }

    /// <summary>Appends a piece, and the unflushed bytes in it, whose memory the producer may still hold.</summary>
    public void AppendHeld(PipeSegment segment)
    {
        _isMemoryOut = true;
        Append(segment);
    }

    /// <summary>The last piece, with space for <paramref name="sizeHint"/> bytes or at least 1.</summary>
    public PipeSegment Space(int sizeHint)
    {
        if (_tail is null || _tail.Free < Math.Max(sizeHint, 1))
        {
            int size = _tail is null ? SegmentPool.SmallestSize : Math.Min(_tail.Array.Length * 2, SegmentPool.LargestSize);
            Append(pool.Rent(Math.Max(sizeHint, size)));
        }

        _isMemoryOut = true;
        return _tail!;
    }

    /// <summary>The producer has written into the memory of the last piece. False when it holds none or not that much.</summary>
    public bool TryAdvance(int bytes)
    {
        if (!_isMemoryOut || (uint)bytes > (uint)_tail!.Free)
        {
            return false;
        }

        _tail.End += bytes;
        Unflushed += bytes;
        return true;
    }

    /// <summary>Makes the written bytes pending. The producer holds no memory any more.</summary>
    public void Flush()
    {
        _isMemoryOut = false;
        _pending += Unflushed;
        Unflushed = 0;
        if (_pending == 0)
        {
            ReturnPieces();
        }
    }

    /// <summary>Sends pending bytes with one call. Returns what <see cref="LinuxSocket.Send(int, LinuxSocket.IoVector*, int)"/> returns.</summary>
    public unsafe int Send(int descriptor)
    {
        LinuxSocket.IoVector* pieces = stackalloc LinuxSocket.IoVector[PiecesPerSend];
        int count = 0;
        long left = _pending;
        int start = _headSent;
        for (PipeSegment? segment = _head; left > 0 && count < PiecesPerSend; segment = segment.NextSegment)
        {
            long length = Math.Min(segment!.End - start, left);
            if (length > 0)
            {
                // Skip empty pieces: a send of empty pieces alone would make no progress. The arrays are on the pinned heap.
                pieces[count].Start = (byte*)Unsafe.AsPointer(ref segment.Array[0]) + start;
                pieces[count++].Length = (nuint)length;
            }

            left -= length;
            start = 0;
        }

        int sent = LinuxSocket.Send(descriptor, pieces, count);
        if (sent > 0)
        {
            Remove(sent);
        }

        return sent;
    }

    /// <summary>A copy of the pending bytes.</summary>
    public byte[] CopyPending()
    {
        byte[] bytes = new byte[_pending];
        int at = 0;
        int start = _headSent;
        for (PipeSegment? segment = _head; at < bytes.Length; segment = segment.NextSegment)
        {
            segment!.Array.AsSpan(start, segment.End - start).CopyTo(bytes.AsSpan(at));
            at += segment.End - start;
            start = 0;
        }

        return bytes;
    }

    /// <summary>Drops the pending bytes.</summary>
    public void Discard()
    {
        _pending = 0;
        ReturnPieces();
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
        Unflushed += segment.End;
    }

    private void Remove(int bytes)
    {
        _pending -= bytes;
        while (bytes > 0)
        {
            int rest = _head!.End - _headSent;
            if (bytes < rest)
            {
                _headSent += bytes;
                break;
            }

            bytes -= rest;
            _headSent = _head.End;
            if (_head.NextSegment is null)
            {
                break;
            }

            RemoveHead();
        }

        if (_pending == 0 && Unflushed == 0)
        {
            ReturnPieces();
        }
    }

    private void ReturnPieces()
    {
        while (_head is not null && (_head.NextSegment is not null || !_isMemoryOut))
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

        pool.Return(segment);
    }
}
