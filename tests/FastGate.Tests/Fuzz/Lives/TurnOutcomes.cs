using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>Counts how the turns of a life ended, as its instrument does.</summary>
internal sealed class TurnOutcomes : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _ended = new();

    public TurnOutcomes(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter && instrument.Name == "fastgate.conversation.turns")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach ((string name, object? value) in tags)
            {
                if (name == "outcome")
                {
                    _ended.AddOrUpdate($"{value}", count, (_, before) => before + count);
                }
            }
        });
        _listener.Start();
    }

    public long Of(string outcome) => _ended.GetValueOrDefault(outcome);

    public void Dispose() => _listener.Dispose();
}
