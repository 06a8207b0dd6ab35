namespace FastGate.Diagnostics.Prometheus;

/// <summary>
/// The value of one instrument under one set of tags. Written by any thread on hot paths, so the sum is spread over stripes a
/// cache line apart and added up by the reader. A float instrument keeps the bits of a double in the same cells.
/// </summary>
internal sealed class MetricSeries
{
    /// <summary>Longs in a cache line.</summary>
    private const int Line = 8;

    private static readonly int s_stripeMask = StripeCount(Environment.ProcessorCount) - 1;

    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly double[] _bounds;
    private readonly long[] _cells;
    private readonly int _stride;

    /// <summary><paramref name="bounds"/> is empty for anything but a histogram.</summary>
    public MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[] bounds)
    {
        _tags = tags.ToArray();
        _bounds = bounds;

        // A histogram's stripe: its buckets, the one above all bounds, and the sum.
        int longs = bounds.Length == 0 ? 1 : bounds.Length + 2;
        _stride = (longs + Line - 1) / Line * Line;
        _cells = new long[_stride * (s_stripeMask + 1)];
    }

    public ReadOnlySpan<KeyValuePair<string, object?>> Tags => _tags;

    /// <summary>The scrape that last saw it; only series of observable instruments age.</summary>
    public long LastScrape { get; set; }

    public bool Matches(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
        {
            return false;
        }

        for (int i = 0; i < tags.Length; i++)
        {
            if (!SameValue(tags[i].Value, _tags[i].Value) || !string.Equals(tags[i].Key, _tags[i].Key, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    public void Add(long value) => Interlocked.Add(ref _cells[Stripe()], value);

    public void Add(double value) => AddBits(ref _cells[Stripe()], value);

    /// <summary>For the kinds that report a value instead of a change.</summary>
    public void Set(long value) => Volatile.Write(ref _cells[0], value);

    public void Set(double value) => Volatile.Write(ref _cells[0], BitConverter.DoubleToInt64Bits(value));

    public void Observe(double value)
    {
        int stripe = Stripe();
        int bucket = 0;
        while (bucket < _bounds.Length && !(value <= _bounds[bucket]))
        {
            bucket++;
        }

        Interlocked.Increment(ref _cells[stripe + bucket]);
        AddBits(ref _cells[stripe + _bounds.Length + 1], value);
    }

    public double Read(bool isFloat)
    {
        double floats = 0;
        long whole = 0;
        for (int at = 0; at < _cells.Length; at += _stride)
        {
            long cell = Volatile.Read(ref _cells[at]);
            whole += cell;
            floats += BitConverter.Int64BitsToDouble(cell);
        }

        return isFloat ? floats : whole;
    }

    /// <summary>Fills the count of each bucket, the one above all bounds last, and returns the sum of the values.</summary>
    public double ReadHistogram(Span<long> buckets)
    {
        buckets.Clear();
        double sum = 0;
        for (int at = 0; at < _cells.Length; at += _stride)
        {
            for (int bucket = 0; bucket <= _bounds.Length; bucket++)
            {
                buckets[bucket] += Volatile.Read(ref _cells[at + bucket]);
            }

            sum += BitConverter.Int64BitsToDouble(Volatile.Read(ref _cells[at + _bounds.Length + 1]));
        }

        return sum;
    }

    private int Stripe() => (Environment.CurrentManagedThreadId & s_stripeMask) * _stride;

    private static void AddBits(ref long cell, double value)
    {
        long seen = Volatile.Read(ref cell);
        while (true)
        {
            long next = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(seen) + value);
            long found = Interlocked.CompareExchange(ref cell, next, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    private static bool SameValue(object? a, object? b) =>
        ReferenceEquals(a, b) || (a is string x ? b is string y && string.Equals(x, y, StringComparison.Ordinal) : a is not null && a.Equals(b));

    private static int StripeCount(int processors)
    {
        int count = 1;
        while (count < processors && count < 8)
        {
            count *= 2;
        }

        return count;
    }
}
