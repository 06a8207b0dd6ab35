using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FastGate.Tests.Conversation;

/// <summary>The measurements of one meter by instrument and tags: sums of counters, sums of times in milliseconds, last values of gauges.</summary>
internal sealed class CountedMeasurements : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly MeterListener _listener;

    public CountedMeasurements(Meter meter)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, (long)Math.Round(value * 1_000), tags));
        _listener.Start();
    }

    /// <summary>Zero for what was not measured.</summary>
    public long this[string key] => _counted.GetValueOrDefault(key);

    /// <summary>Reads the gauges.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string key = string.Join(' ', tags.ToArray().Select(static tag => tag.Value).Prepend(instrument.Name));
        _counted.AddOrUpdate(key, value, (_, sum) => instrument.IsObservable ? value : sum + value);
    }
}
