using System.Numerics;

namespace FastGate.LoadTest.Measure;

/// <summary>
/// Counts durations in logarithmic buckets: exact below 256 ns, within 1/128 above. One thread records; any thread may read the
/// counts meanwhile, for they only grow. Nothing is allocated after construction.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubCount = 1 << SubBits;

    /// <summary>Durations are cut off at 2^42 ns, about 73 minutes; <see cref="Max"/> stays exact.</summary>
    private const int MaxBits = 42;

    public const int BucketCount = ((MaxBits - SubBits) << SubBits) + SubCount;

    private readonly long[] _counts = new long[BucketCount];
    private long _count;
    private long _sum;
    private long _min = long.MaxValue;
    private long _max;

    public long Count => Volatile.Read(ref _count);

    public long Min => _count == 0 ? 0 : _min;

    public long Max => _max;

    public double Mean => _count == 0 ? 0 : (double)_sum / _count;

    public void Record(long nanoseconds)
    {
        nanoseconds = Math.Max(nanoseconds, 0);
        _counts[IndexOf(nanoseconds)]++;
        _sum += nanoseconds;
        _min = Math.Min(_min, nanoseconds);
        _max = Math.Max(_max, nanoseconds);
        Volatile.Write(ref _count, _count + 1);
    }

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < BucketCount; i++)
        {
            _counts[i] += other._counts[i];
        }

        _count += other._count;
        _sum += other._sum;
        _min = Math.Min(_min, other._min);
        _max = Math.Max(_max, other._max);
    }

    /// <summary>The smallest recorded duration that <paramref name="share"/> (0 to 1) of all do not exceed; 0 when there is none.</summary>
    public long Percentile(double share) => Math.Min(PercentileOf(_counts, share), _max);

    /// <summary>Adds the counts as they are now; a reader that keeps the sum of before learns what an interval brought.</summary>
    public void AddCountsTo(long[] counts)
    {
        for (int i = 0; i < BucketCount; i++)
        {
            counts[i] += Volatile.Read(ref _counts[i]);
        }
    }

    /// <summary>The percentile of bare counts, as the highest duration of its bucket.</summary>
    public static long PercentileOf(ReadOnlySpan<long> counts, double share)
    {
        long total = 0;
        foreach (long count in counts)
        {
            total += count;
        }

        if (total == 0)
        {
            return 0;
        }

        long rank = Math.Clamp((long)Math.Ceiling(share * total), 1, total);
        int index = 0;
        for (long seen = counts[0]; seen < rank; seen += counts[index])
        {
            index++;
        }

        return HighestOf(index);
    }

    internal static int IndexOf(long nanoseconds)
    {
        nanoseconds = Math.Min(nanoseconds, (1L << MaxBits) - 1);
        if (nanoseconds < 2 * SubCount)
        {
            return (int)nanoseconds;
        }

        int shift = BitOperations.Log2((ulong)nanoseconds) - SubBits;
        return (shift << SubBits) + (int)(nanoseconds >> shift);
    }

    internal static long HighestOf(int index)
    {
        if (index < 2 * SubCount)
        {
            return index;
        }

        int shift = (index >> SubBits) - 1;
        long lowest = (long)(index - (shift << SubBits)) << shift;
        return lowest + (1L << shift) - 1;
    }
}
