using FastGate.Diagnostics;

namespace FastGate.Flight;

/// <summary>
/// The last connections that failed, needed a fallback, or ended: a ring for each verdict, so that a scanner cannot push out a device. At most
/// <see cref="Capacity"/> records for each of the verdicts that have occurred; a record has about 1 KB, and at most 8 KB when
/// a client sends long names and ids. <see cref="Note"/> says whether a record is to be made, so that a flood costs counters only.
/// </summary>
/// <remarks>
/// A writer takes a number and stores one reference without a lock, because many loops write concurrently during a flood of bad handshakes. A
/// writer that is delayed for a whole round may overwrite a newer record; readers cannot distinguish that from an ordinary overwrite.
/// </remarks>
internal sealed class FlightRecorder(int capacity = FlightRecorder.Capacity, TimeProvider? time = null)
{
    public const int Capacity = 128;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Ring?[] _rings = new Ring?[Enum.GetValues<Verdict>().Length];
    private readonly RecordGate _gate = new();
    private readonly LastVerdicts _last = new();
    private readonly StripedCounter _skipped = new();
    private readonly StripedCounter _skippedHandshakes = new();
    private long _numbers;
    private long _handshakes;

    /// <summary>Gets each record too. Set before the first device connects.</summary>
    public Traces? Traces { get; set; }

    /// <summary>Handshakes that failed or used a fallback since the start, including those without a record and those overwritten.</summary>
    public long Handshakes => Volatile.Read(ref _handshakes) + _skippedHandshakes.Value;

    /// <summary>All records since the start, including those overwritten.</summary>
    public long Total => Volatile.Read(ref _numbers);

    /// <summary>Connections whose record was left out because their source had many with the same verdict.</summary>
    public long Skipped => _skipped.Value;

    private long NowMs => _time.GetTimestamp() / (_time.TimestampFrequency / 1_000);

    /// <summary>
    /// Remembers the verdict on a device and its address, and returns whether the caller is to make a record. Otherwise it is counted. Any thread.
    /// Budget: no allocation (FlightFloodTests).
    /// </summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="address">Of the peer, as of <see cref="Fleet.AddressRange.ValueOf"/>; zero when it is unknown.</param>
    /// <param name="source">The <see cref="SourceKey"/>.</param>
    /// <param name="deviceId">The normalised id; empty without one.</param>
    public bool Note(Verdict verdict, UInt128 address, int source, ReadOnlySpan<byte> deviceId)
    {
        long nowMs = NowMs;
        _last.Note(verdict, address, deviceId, nowMs);
        if (_gate.TryTake(verdict, source, nowMs) || Traces?.IsTraced(deviceId, address) == true)
        {
            return true;
        }

        _skipped.Increment();
        if (verdict.IsHandshake())
        {
            _skippedHandshakes.Increment();
        }

        return false;
    }

    /// <summary>The last verdict on a device, also when it has no record any more, and about how old it is.</summary>
    public (Verdict Verdict, TimeSpan Age)? LastOfDevice(ReadOnlySpan<byte> deviceId) => _last.OfDevice(deviceId, NowMs);

    /// <summary>The same for an address as of <see cref="Fleet.AddressRange.ValueOf"/>.</summary>
    public (Verdict Verdict, TimeSpan Age)? LastOfAddress(UInt128 address) => _last.OfAddress(address, NowMs);

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

    /// <summary>At most <paramref name="limit"/> records that match, newest first. A slot that is not written yet is skipped.</summary>
    public IReadOnlyList<ConnectionRecord> Newest(int limit, Func<ConnectionRecord, bool> matches) =>
        [.. _rings.SelectMany(static ring => ring?.Records ?? []).Where(matches).OrderByDescending(static record => record.Number).Take(limit)];

    /// <summary>The newest handshakes that failed or used a fallback.</summary>
    public IReadOnlyList<ConnectionRecord> Newest(int limit) => Newest(limit, static record => record.IsHandshake);

    private sealed class Ring(int capacity)
    {
        private readonly ConnectionRecord?[] _records = new ConnectionRecord?[capacity];
        private long _next;

        public IEnumerable<ConnectionRecord> Records => Enumerable.Range(0, _records.Length).Select(index => Volatile.Read(ref _records[index])).OfType<ConnectionRecord>();

        public void Add(ConnectionRecord record) => Volatile.Write(ref _records[(Interlocked.Increment(ref _next) - 1) % _records.Length], record);
    }
}
