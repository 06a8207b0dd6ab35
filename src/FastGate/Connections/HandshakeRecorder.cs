namespace FastGate.Connections;

/// <summary>
/// The last handshakes that failed or fell back. Many loops write at once under a flood of bad handshakes, so a writer takes a
/// number and stores one reference: no lock, no wait. A writer that is overtaken by a whole round may put an older record over a
/// newer one, which nobody can tell from the newer one having been overwritten.
/// </summary>
internal sealed class HandshakeRecorder
{
    public const int DefaultCapacity = 1_000;

    private readonly HandshakeRecord?[] _ring;
    private long _next;

    public HandshakeRecorder(int capacity = DefaultCapacity) => _ring = new HandshakeRecord?[capacity];

    /// <summary>Records ever taken, those that have left the ring included.</summary>
    public long Total => Volatile.Read(ref _next);

    /// <summary>Any thread.</summary>
    public void Add(HandshakeRecord record)
    {
        long number = Interlocked.Increment(ref _next) - 1;
        Volatile.Write(ref _ring[number % _ring.Length], record);
    }

    /// <summary>The newest first, at most <paramref name="limit"/>. A slot taken but not yet written is passed over.</summary>
    public IReadOnlyList<HandshakeRecord> Newest(int limit)
    {
        long next = Volatile.Read(ref _next);
        var records = new List<HandshakeRecord>((int)Math.Clamp(Math.Min(limit, next), 0, _ring.Length));
        for (long number = next - 1; number >= 0 && number > next - 1 - _ring.Length && records.Count < limit; number--)
        {
            if (Volatile.Read(ref _ring[number % _ring.Length]) is HandshakeRecord record)
            {
                records.Add(record);
            }
        }

        return records;
    }
}
