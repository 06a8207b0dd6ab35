using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the pictures of devices.</summary>
internal sealed class VisionMetrics
{
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;

    public VisionMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        _requests = meter.CreateCounter<long>("fastgate.vision.requests", description: "Pictures that devices sent, by outcome");
        _duration = meter.CreateHistogram<double>("fastgate.vision.duration", "s", "Time from a picture to its explanation");
    }

    public void Ended(string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Explained(TimeSpan duration) => _duration.Record(duration.TotalSeconds);
}
