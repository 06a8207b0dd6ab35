namespace FastGate.Cluster;

/// <summary>
/// The engine's clock as this process knows it: the offset of the renewal that was answered fastest among the last ones, and whose error is therefore
/// the smallest. Written by the lease's loop, read by any thread.
/// </summary>
internal sealed class EngineClock
{
    private const int Kept = 8;

    /// <summary>What two clocks may differ more than their errors between two renewals.</summary>
    private const long DriftMs = 20;

    private readonly Queue<(long Offset, long Error)> _samples = new();
    private long _offset;

    /// <summary>A time of this process in milliseconds of the engine's clock.</summary>
    public long OfLocal(long localMs) => localMs + Volatile.Read(ref _offset);

    /// <param name="sentMs">When the question was sent, by the clock of this process.</param>
    /// <param name="answeredMs">When the answer came.</param>
    /// <param name="engineMs">The engine's clock between them.</param>
    public void Add(long sentMs, long answeredMs, long engineMs)
    {
        long error = ((answeredMs - sentMs) / 2) + 1;
        long offset = engineMs - ((sentMs + answeredMs) / 2);
        if (_samples.Any(sample => Math.Abs(sample.Offset - offset) > sample.Error + error + DriftMs))
        {
            // One of the clocks has been set.
            _samples.Clear();
        }

        _samples.Enqueue((offset, error));
        if (_samples.Count > Kept)
        {
            _samples.Dequeue();
        }

        Volatile.Write(ref _offset, _samples.MinBy(static sample => sample.Error).Offset);
    }
}
