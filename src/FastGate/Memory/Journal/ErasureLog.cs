namespace FastGate.Memory.Journal;

/// <summary>
/// Which devices were erased, by a number that grows with every erasure. Of those longer ago than the last
/// <paramref name="most"/> it is not known any more which device they were: then every device counts as erased, which costs a conversation
/// one more look into the store and loses nothing. Changed under the journal's lock.
/// </summary>
internal sealed class ErasureLog(int most)
{
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
    private readonly Queue<(string DeviceId, long Number)> _order = new();
    private long _number;
    private long _unknownTo;

    /// <summary>Erasures so far. Any thread.</summary>
    public long Number => Volatile.Read(ref _number);

    public void Add(string deviceId)
    {
        long number = _number + 1;
        _last[deviceId] = number;
        _order.Enqueue((deviceId, number));
        if (_order.Count > most)
        {
            (string oldest, _unknownTo) = _order.Dequeue();
            if (_last[oldest] == _unknownTo)
            {
                _last.Remove(oldest);
            }
        }

        Volatile.Write(ref _number, number);
    }

    public bool ErasedSince(string deviceId, long number) =>
        number < _number && (number < _unknownTo || (_last.TryGetValue(deviceId, out long last) && last > number));
}
