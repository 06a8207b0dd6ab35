using System.Numerics;

namespace FastGate.Transport.Loops;

/// <summary>
/// A loop's pieces of memory, 2 KiB to 64 KiB by powers of two. A lock guards it, because a handler that has wandered off the
/// loop may return what it held; the road of a message does not come here.
/// </summary>
internal sealed class SegmentPool
{
    public const int SmallestSize = 2 * 1024;

    /// <summary>Below the large object threshold, and all that one receive takes.</summary>
    public const int LargestSize = 64 * 1024;

    /// <summary>What each size may keep: a burst beyond it is the collector's.</summary>
    public const int RetainedBytesPerSize = 512 * 1024;

    private static readonly int s_smallestLog = BitOperations.Log2(SmallestSize);

    private readonly Lock _lock = new();
    private readonly Stack<PipeSegment>[] _free;
    private int _rented;
    private long _retainedBytes;

    public SegmentPool()
    {
        _free = new Stack<PipeSegment>[BitOperations.Log2(LargestSize) - s_smallestLog + 1];
        for (int i = 0; i < _free.Length; i++)
        {
            _free[i] = new Stack<PipeSegment>();
        }
    }

    /// <summary>Pieces handed out and not yet back.</summary>
    public int Rented => Volatile.Read(ref _rented);

    public long RetainedBytes => Volatile.Read(ref _retainedBytes);

    /// <summary>A piece with room for at least <paramref name="size"/> bytes; above the largest size it is made to measure.</summary>
    public PipeSegment Rent(int size)
    {
        Interlocked.Increment(ref _rented);
        if (size <= LargestSize)
        {
            int index = IndexOf(Math.Max(size, SmallestSize));
            lock (_lock)
            {
                if (_free[index].TryPop(out PipeSegment? segment))
                {
                    _retainedBytes -= segment.Array.Length;
                    return segment;
                }
            }

            size = SmallestSize << index;
        }

        return new PipeSegment(GC.AllocateUninitializedArray<byte>(size, pinned: true));
    }

    public void Return(PipeSegment segment)
    {
        Interlocked.Decrement(ref _rented);
        if (segment.Array.Length > LargestSize)
        {
            return;
        }

        segment.Reset();
        int index = IndexOf(segment.Array.Length);
        lock (_lock)
        {
            if ((long)(_free[index].Count + 1) * segment.Array.Length <= RetainedBytesPerSize)
            {
                _free[index].Push(segment);
                _retainedBytes += segment.Array.Length;
            }
        }
    }

    /// <summary>Gives everything unused back to the collector.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (Stack<PipeSegment> free in _free)
            {
                free.Clear();
                free.TrimExcess();
            }

            _retainedBytes = 0;
        }
    }

    private static int IndexOf(int size) => BitOperations.Log2((uint)(size - 1)) + 1 - s_smallestLog;
}
