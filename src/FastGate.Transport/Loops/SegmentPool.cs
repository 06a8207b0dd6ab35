using System.Numerics;

namespace FastGate.Transport.Loops;

/// <summary>
/// A loop's pieces of memory, 2 KiB to 64 KiB by powers of two. Used on the loop only, except for the counts. A message that is consumed whole
/// and a reply that the kernel takes whole never come here.
/// </summary>
internal sealed class SegmentPool
{
    public const int SmallestSize = 2 * 1024;

    /// <summary>Below the large object threshold, and the most that one receive takes.</summary>
    public const int LargestSize = 64 * 1024;

    /// <summary>Bytes that each size may retain; what a burst needs beyond that goes back to the collector.</summary>
    public const int RetainedBytesPerSize = 512 * 1024;

    private static readonly int s_smallestLog = BitOperations.Log2(SmallestSize);

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

    /// <summary>Pieces rented and not returned. Any thread.</summary>
    public int Rented => Volatile.Read(ref _rented);

    /// <summary>Any thread.</summary>
    public long RetainedBytes => Volatile.Read(ref _retainedBytes);

    /// <summary>A piece with room for at least <paramref name="size"/> bytes; above the largest size it has exactly that size.</summary>
    public PipeSegment Rent(int size)
    {
        _rented++;
        if (size <= LargestSize)
        {
            int index = IndexOf(Math.Max(size, SmallestSize));
            if (_free[index].TryPop(out PipeSegment? segment))
            {
                _retainedBytes -= segment.Array.Length;
                return segment;
            }

            size = SmallestSize << index;
        }

        return new PipeSegment(GC.AllocateUninitializedArray<byte>(size, pinned: true));
    }

    public void Return(PipeSegment segment)
    {
        _rented--;
        if (segment.Array.Length > LargestSize)
        {
            return;
        }

        segment.Reset();
        Stack<PipeSegment> free = _free[IndexOf(segment.Array.Length)];
        if ((long)(free.Count + 1) * segment.Array.Length <= RetainedBytesPerSize)
        {
            free.Push(segment);
            _retainedBytes += segment.Array.Length;
        }
    }

    /// <summary>Releases all unused pieces to the collector.</summary>
    public void Trim()
    {
        foreach (Stack<PipeSegment> free in _free)
        {
            free.Clear();
            free.TrimExcess();
        }

        _retainedBytes = 0;
    }

    private static int IndexOf(int size) => BitOperations.Log2((uint)(size - 1)) + 1 - s_smallestLog;
}
