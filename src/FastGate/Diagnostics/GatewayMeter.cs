using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using FastGate.Transport.Diagnostics;

namespace FastGate.Diagnostics;

/// <summary>
/// Creates all instruments. An observer that throws while it is read is counted here; the SDK leaves its values out, and reports it to its event source
/// alone, which a native program does not have.
/// </summary>
internal sealed class GatewayMeter(Meter meter)
{
    public const string Name = "FastGate";

    // By factory: two gateways in one process do not add up.
    private static readonly ConditionalWeakTable<object, StrongBox<long>> s_failures = [];

    private readonly StrongBox<long> _failures = s_failures.GetOrAdd(meter.Scope ?? meter, static _ => new StrongBox<long>());

    public Meter Meter => meter;

    /// <summary>Observers of all meters of the factory that have thrown, each time they did.</summary>
    public long Failures => Volatile.Read(ref _failures.Value);

    public static GatewayMeter Create(IMeterFactory factory) => new(factory.Create(Name));

    public Counter<T> CreateCounter<T>(string name, string? unit = null, string? description = null)
        where T : struct => meter.CreateCounter<T>(name, unit, description);

    public Counter<long> CreateCounterAtZero(string name, string unit, string description) => meter.CreateCounterAtZero(name, unit, description);

    public Counter<long> CreateCounterAtZero(string name, string unit, string description, string tag, params ReadOnlySpan<string> values) =>
        meter.CreateCounterAtZero(name, unit, description, tag, values);

    public Histogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null)
        where T : struct => meter.CreateHistogram<T>(name, unit, description);

    public void CreateObservableCounter<T>(string name, Func<T> observe, string? unit = null, string? description = null)
        where T : struct => meter.CreateObservableCounter(name, Counted(observe), unit, description);

    public void CreateObservableCounter<T>(string name, Func<IEnumerable<Measurement<T>>> observe, string? unit = null, string? description = null)
        where T : struct => meter.CreateObservableCounter(name, Counted(observe), unit, description);

    public void CreateObservableUpDownCounter<T>(string name, Func<T> observe, string? unit = null, string? description = null)
        where T : struct => meter.CreateObservableUpDownCounter(name, Counted(observe), unit, description);

    public void CreateObservableGauge<T>(string name, Func<T> observe, string? unit = null, string? description = null)
        where T : struct => meter.CreateObservableGauge(name, Counted(observe), unit, description);

    public void CreateObservableGauge<T>(string name, Func<Measurement<T>> observe, string? unit = null, string? description = null)
        where T : struct => meter.CreateObservableGauge(name, Counted(observe), unit, description);

    public void CreateObservableGauge<T>(string name, Func<IEnumerable<Measurement<T>>> observe, string? unit = null, string? description = null)
        where T : struct => meter.CreateObservableGauge(name, Counted(observe), unit, description);

    private Func<T> Counted<T>(Func<T> observe) => () =>
    {
        try
        {
            return observe();
        }
        catch
        {
            Interlocked.Increment(ref _failures.Value);
            throw;
        }
    };

    /// <summary>A sequence fails while it is enumerated, so it is enumerated here.</summary>
    private Func<IEnumerable<Measurement<T>>> Counted<T>(Func<IEnumerable<Measurement<T>>> observe)
        where T : struct => Counted<IEnumerable<Measurement<T>>>(() => [.. observe()]);
}
