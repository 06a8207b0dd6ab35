namespace FastGate.Flight;

/// <summary>
/// The last connections that failed, needed a fallback, or ended: a ring for each verdict, so that a scanner cannot push out a device. At most
/// <see cref="Capacity"/> records for each of the verdicts that have occurred; a record has about 1 KB, and at most 8 KB when
/// a client sends long names and ids.
/// </summary>
/// <remarks>
/// A writer takes a number and stores one reference without a lock, because many loops write concurrently during a flood of bad handshakes. A
/// writer that is delayed for a whole round may overwrite a newer record; readers cannot distinguish that from an ordinary overwrite.
/// </remarks>
internal sealed class FlightRecorder(int capacity = FlightRecorder.Capacity)
{
    public const int Capacity = 128;

    private readonly Ring?[] _rings = new Ring?[Enum.GetValues<Verdict>().Length];
    private long _numbers;
    private long _handshakes;

    /// <summary>Gets each record too. Set before the first device connects.</summary>
    public Traces? Traces { get; set; }

    /// <summary>Handshakes that failed or used a fallback since the start, including those overwritten.</summary>
    public long Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>All records since the start, including those overwritten.</summary>
    public long Total => Volatile.Read(ref _numbers);

    /// <summary>Any thread.</summary>
    public void Add(ConnectionRecord record)
    {
        record.Number = Interlocked.Increment(ref _numbers);
        if (record.IsHandshake)
        {
            Interlocked.Increment(ref _handshakes);
        }

        if (Traces is { IsOn: true } traces)
        {
            traces.Record(record);
        }

        ref Ring? ring = ref _rings[(int)record.Verdict];
        (Volatile.Read(ref ring) ?? Interlocked.CompareExchange(ref ring, new Ring(capacity), null) ?? ring).Add(record);
    }

    /// <summary>How often each verdict has occurred since the start.</summary>
    public IEnumerable<(Verdict Verdict, long Count)> Counts() =>
        _rings.Select(static (ring, index) => ((Verdict)index, ring?.Count ?? 0)).Where(static count => count.Item2 > 0);

    /// <summary>At most <paramref name="limit"/> records that match, newest first. A slot that is not written yet is skipped.</summary>
    public IReadOnlyList<ConnectionRecord> Newest(int limit, Func<ConnectionRecord, bool> matches) =>
        [.. _rings.SelectMany(static ring => ring?.Records ?? []).Where(matches).OrderByDescending(static record => record.Number).Take(limit)];

    /// <summary>The newest handshakes that failed or used a fallback.</summary>
    public IReadOnlyList<ConnectionRecord> Newest(int limit) => Newest(limit, static record => record.IsHandshake);

    private sealed class Ring(int capacity)
    {
        private readonly ConnectionRecord?[] _records = new ConnectionRecord?[capacity];
        private long _next;

        public long Count => Volatile.Read(ref _next);

        public IEnumerable<ConnectionRecord> Records => Enumerable.Range(0, _records.Length).Select(index => Volatile.Read(ref _records[index])).OfType<ConnectionRecord>();

        public void Add(ConnectionRecord record) => Volatile.Write(ref _records[(Interlocked.Increment(ref _next) - 1) % _records.Length], record);
    }
}
