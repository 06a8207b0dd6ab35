namespace FastGate.Connections;

/// <summary>
/// The last handshakes that failed or used a fallback, in a ring. A writer takes a number and stores one reference without a lock, because many
/// loops write concurrently during a flood of bad handshakes. A writer that is delayed for a whole round may overwrite a newer record; readers
/// cannot distinguish that from an ordinary overwrite.
/// </summary>
internal sealed class HandshakeRecorder
{
    public const int DefaultCapacity = 1_000;

    private readonly HandshakeRecord?[] _ring;
    private long _next;

    public HandshakeRecorder(int capacity = DefaultCapacity) => _ring = new HandshakeRecord?[capacity];

    /// <summary>Records added since the start, including those overwritten.</summary>
    public long Total => Volatile.Read(ref _next);

    /// <summary>Any thread.</summary>
    public void Add(HandshakeRecord record)
    {
        long number = Interlocked.Increment(ref _next) - 1;
        Volatile.Write(ref _ring[number % _ring.Length], record);
    }

    /// <summary>At most <paramref name="limit"/> records, newest first. A slot that is not written yet is skipped.</summary>
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
