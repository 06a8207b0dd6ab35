namespace FastGate.Diagnostics;

/// <summary>How many turns had a stage, and the time of all of them. Event loops add.</summary>
internal sealed class StageTotals(string name)
{
    private readonly StripedCounter _count = new();
    private readonly StripedCounter _milliseconds = new();

    public string Name => name;

    public long Count => _count.Value;

    public double Seconds => _milliseconds.Value / 1_000.0;

    public double MeanMs => Count is var count and > 0 ? (double)_milliseconds.Value / count : 0;

    /// <summary>Null for a turn without the stage.</summary>
    public void Add(int? milliseconds)
    {
        if (milliseconds is { } taken)
        {
            _count.Increment();
            _milliseconds.Add(taken);
        }
    }
}
