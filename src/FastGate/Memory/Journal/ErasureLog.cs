namespace FastGate.Memory.Journal;

/// <summary>
/// Numbers the erasures of devices. Beyond the last <paramref name="capacity"/> erasures the device is forgotten; every device then counts as
/// erased, which costs a conversation one more read and loses nothing. Modified under the journal's lock.
/// </summary>
internal sealed class ErasureLog(int capacity)
{
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
    private readonly Queue<(string DeviceId, long Number)> _order = new();
    private long _number;
    private long _forgottenTo;

    /// <summary>Erasures so far. Any thread.</summary>
    public long Number => Volatile.Read(ref _number);

    public void Add(string deviceId)
    {
        long number = _number + 1;
        _last[deviceId] = number;
        _order.Enqueue((deviceId, number));
        if (_order.Count > capacity)
        {
            (string oldest, _forgottenTo) = _order.Dequeue();
            if (_last[oldest] == _forgottenTo)
            {
                _last.Remove(oldest);
            }
        }

        Volatile.Write(ref _number, number);
    }

    public bool ErasedSince(string deviceId, long number) =>
        number < _number && (number < _forgottenTo || (_last.TryGetValue(deviceId, out long last) && last > number));
}
