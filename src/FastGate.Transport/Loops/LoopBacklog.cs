namespace FastGate.Transport.Loops;

/// <summary>
/// What a writer needs as soon as the kernel does not take a reply at once, or somebody writes from elsewhere than the loop: pieces of its
/// own, appended behind by the producer and sent from the front by the loop, and a flush that waits. Pieces and counts are guarded by the
/// writer's lock; awaitable and token are the producer's, and the loop's while a flush waits.
/// </summary>
internal sealed class LoopBacklog(SegmentPool pool)
{
    public LoopAwaitable Awaitable;
    public CancellationWait? CancellationWait;

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

    /// <summary>What has been written is to be sent.</summary>
    public void Flush(bool memoryOut)
    {
        Pending += Unflushed;
        Unflushed = 0;
        if (Pending == 0)
        {
            ReturnPieces(memoryOut);
        }
    }

    /// <summary>The first <paramref name="bytes"/> of what was pending have been sent.</summary>
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

    /// <summary>Nothing that was flushed will be sent any more.</summary>
    public void Discard(bool memoryOut)
    {
        Pending = 0;
        ReturnPieces(memoryOut);
    }

    /// <summary>The last piece stays while memory of it is out.</summary>
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
