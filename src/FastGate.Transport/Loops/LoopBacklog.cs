using System.Runtime.CompilerServices;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// Output that the kernel has not taken: pieces appended behind and sent from the front, and the flush that waits for them. Used on the
/// loop only.
/// </summary>
internal sealed class LoopBacklog(SegmentPool pool)
{
    public LoopAwaitable Awaitable;

    public PipeSegment? Head { get; private set; }

    public PipeSegment? Tail { get; private set; }

    /// <summary>Bytes of <see cref="Head"/> that have been sent.</summary>
    public int HeadSent { get; private set; }

    /// <summary>Bytes written and not flushed.</summary>
    public long Unflushed { get; set; }

    /// <summary>Bytes flushed and not sent.</summary>
    public long Pending { get; private set; }

    public void Append(PipeSegment segment)
    {
        if (Tail is null)
        {
            Head = segment;
            HeadSent = 0;
        }
        else
        {
            Tail.Append(segment);
        }

        Tail = segment;
    }

    /// <summary>The first pieces of pending bytes, as many as fit; returns their count. The arrays are on the pinned heap.</summary>
    public unsafe int Gather(LinuxSocket.IoVector* pieces, int capacity)
    {
        int count = 0;
        long left = Pending;
        int start = HeadSent;
        for (PipeSegment? segment = Head; left > 0 && count < capacity; segment = segment.NextSegment)
        {
            long length = Math.Min(segment!.End - start, left);
            if (length > 0)
            {
                // An empty piece would make a send without progress.
                pieces[count].Start = (byte*)Unsafe.AsPointer(ref segment.Array[0]) + start;
                pieces[count++].Length = (nuint)length;
            }

            left -= length;
            start = 0;
        }

        return count;
    }

    /// <summary>Makes the written bytes pending.</summary>
    public void Flush(bool memoryOut)
    {
        Pending += Unflushed;
        Unflushed = 0;
        if (Pending == 0)
        {
            ReturnPieces(memoryOut);
        }
    }

    /// <summary>The kernel has taken the first <paramref name="bytes"/> pending bytes.</summary>
    public void Sent(int bytes, bool memoryOut)
    {
        Pending -= bytes;
        while (bytes > 0)
        {
            int rest = Head!.End - HeadSent;
            if (bytes < rest)
            {
                HeadSent += bytes;
                break;
            }

            bytes -= rest;
            HeadSent = Head.End;
            if (Head.NextSegment is null)
            {
                break;
            }

            RemoveHead();
        }

        if (Pending == 0 && Unflushed == 0)
        {
            ReturnPieces(memoryOut);
        }
    }

    /// <summary>Drops the pending bytes.</summary>
    public void Discard(bool memoryOut)
    {
        Pending = 0;
        ReturnPieces(memoryOut);
    }

    /// <summary>Keeps the last piece while the producer holds memory of it.</summary>
    private void ReturnPieces(bool memoryOut)
    {
        while (Head is not null && (Head.NextSegment is not null || !memoryOut))
        {
            RemoveHead();
        }

        if (Head is not null)
        {
            HeadSent = Head.End;
        }
    }

    private void RemoveHead()
    {
        PipeSegment segment = Head!;
        Head = segment.NextSegment;
        HeadSent = 0;
        if (Head is null)
        {
            Tail = null;
        }

        pool.Return(segment);
    }
}
