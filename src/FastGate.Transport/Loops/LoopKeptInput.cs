using System.Buffers;

namespace FastGate.Transport.Loops;

/// <summary>Received bytes that the consumer has not consumed, in pooled pieces. A connection has none while it is idle.</summary>
internal struct LoopKeptInput
{
    /// <summary>Unconsumed bytes up to this count are copied out of the loop's buffer; beyond it the buffer itself is kept.</summary>
    private const int CopyLimit = SegmentPool.LargestSize / 4;

    /// <summary>A piece with less free space than this is not worth a receive of its own.</summary>
    private const int SmallestReceive = 512;

    private PipeSegment? _head;
    private PipeSegment? _tail;
    private int _headIndex;

    public readonly bool IsEmpty => _head is null;

    public readonly ReadOnlySequence<byte> Bytes => new(_head!, _headIndex, _tail!, _tail!.End);

    public void Keep(PipeSegment segment)
    {
        _headIndex = 0;
        _tail = segment;
        _head = segment;
    }

    /// <summary>A piece with space to receive behind the kept bytes.</summary>
    public PipeSegment Space(SegmentPool pool)
    {
        if (_tail!.Free < SmallestReceive)
        {
            PipeSegment next = pool.Rent(Math.Min(_tail.Array.Length * 2, SegmentPool.LargestSize));
            _tail.Append(next);
            _tail = next;
        }

        return _tail;
    }

    /// <summary>Returns the consumed pieces to the pool. True when bytes remain that have not been examined.</summary>
    public bool Advance(SequencePosition consumed, SequencePosition examined, SegmentPool pool)
    {
        (PipeSegment segment, int index) = consumed.GetObject() is null ? (_head!, _headIndex) : Locate(consumed);
        (PipeSegment examinedSegment, int examinedIndex) = examined.GetObject() is null ? (segment, index) : Locate(examined);
        long end = _tail!.EndPosition;
        long consumedAt = segment.RunningIndex + index;
        long examinedAt = examinedSegment.RunningIndex + examinedIndex;
        if (consumedAt < _head!.RunningIndex + _headIndex || examinedAt < consumedAt || examinedAt > end)
        {
            throw new InvalidOperationException("consumed and examined must be positions of the last read, in this order.");
        }

        if (consumedAt == end)
        {
            ReturnAll(pool);
            return false;
        }

        while (!ReferenceEquals(_head, segment) || (index == segment.End && segment.NextSegment is not null))
        {
            PipeSegment passed = _head!;
            _head = passed.NextSegment;
            _headIndex = 0;
            pool.Return(passed);
            if (ReferenceEquals(passed, segment))
            {
                segment = _head!;
                index = 0;
            }
        }

        _headIndex = index;
        Compact(pool);
        return examinedAt < end;
    }

    public void ReturnAll(SegmentPool pool)
    {
        while (_head is { } segment)
        {
            _head = segment.NextSegment;
            pool.Return(segment);
        }

        _tail = null;
        _headIndex = 0;
    }

    /// <summary>Moves a small rest of a large piece into a small one, so that the large one can be used again.</summary>
    private void Compact(SegmentPool pool)
    {
        PipeSegment segment = _head!;
        int rest = segment.End - _headIndex;
        if (!ReferenceEquals(segment, _tail) || segment.Array.Length < SegmentPool.LargestSize || rest > CopyLimit)
        {
            return;
        }

        PipeSegment smaller = pool.Rent(rest + SmallestReceive);
        segment.Array.AsSpan(_headIndex, rest).CopyTo(smaller.Array);
        smaller.End = rest;
        pool.Return(segment);
        Keep(smaller);
    }

    private readonly (PipeSegment Segment, int Index) Locate(SequencePosition position)
    {
        for (PipeSegment? segment = _head; segment is not null; segment = segment.NextSegment)
        {
            if (ReferenceEquals(segment, position.GetObject()) && position.GetInteger() <= segment.End)
            {
                return (segment, position.GetInteger());
            }
        }

        throw new InvalidOperationException("The position does not belong to the last read.");
    }
}
