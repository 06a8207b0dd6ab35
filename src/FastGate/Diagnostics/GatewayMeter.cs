using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>The one meter all instruments hang on; each room's instruments stand in a file of their own beside this one.</summary>
internal static class GatewayMeter
{
    public const string Name = "FastGate";

    public static Meter Create(IMeterFactory factory) => factory.Create(Name);

    /// <summary>A counter that is there at 0 from the start: who asks for its increase does not miss the first.</summary>
    public static Counter<long> CreateCounterAtZero(this Meter meter, string name, string unit, string description)
    {
        var counter = meter.CreateCounter<long>(name, unit, description);
        counter.Add(0);
        return counter;
    }

    /// <summary>The same with one series for each of the values that <paramref name="tag"/> can have.</summary>
    public static Counter<long> CreateCounterAtZero(
        this Meter meter, string name, string unit, string description, string tag, params ReadOnlySpan<string> values)
    {
        var counter = meter.CreateCounter<long>(name, unit, description);
        foreach (var value in values)
        {
            counter.Add(0, new KeyValuePair<string, object?>(tag, value));
        }

        return counter;
    }
}
