using System.Diagnostics.Metrics;

namespace FastGate.Transport.Diagnostics;

/// <summary>Counters that are exported as 0 before their first event, so that a rate includes it.</summary>
internal static class CounterExtensions
{
    public static Counter<long> CreateCounterAtZero(this Meter meter, string name, string unit, string description)
    {
        Counter<long> counter = meter.CreateCounter<long>(name, unit, description);
        counter.Add(0);
        return counter;
    }

    /// <summary>A counter with one series for each possible value of <paramref name="tag"/>.</summary>
    public static Counter<long> CreateCounterAtZero(
        this Meter meter, string name, string unit, string description, string tag, params ReadOnlySpan<string> values)
    {
        Counter<long> counter = meter.CreateCounter<long>(name, unit, description);
        foreach (string value in values)
        {
            counter.Add(0, new KeyValuePair<string, object?>(tag, value));
        }

        return counter;
    }
}
