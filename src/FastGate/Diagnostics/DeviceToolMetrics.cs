using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the tools of devices.</summary>
internal sealed class DeviceToolMetrics
{
    private readonly Counter<long> _lists;
    private readonly Histogram<double> _calls;

    public DeviceToolMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        _lists = meter.CreateCounter<long>("fastgate.tools.device.lists", "{list}", "Tool lists of devices, by outcome.");
        _calls = meter.CreateHistogram<double>("fastgate.tools.device.call", "s", "Calls of devices' tools, by outcome.");
        meter.CreateObservableCounter("fastgate.tools.device.ignored_messages", () => new[]
        {
            Of(Late, "late"),
            Of(UnknownId, "unknown_id"),
            Of(NotOffered, "not_offered"),
            Of(TooMuch, "too_much"),
            Of(Unreadable, "unreadable"),
        }, "{message}", "Messages about tools that were counted and otherwise ignored, by cause.");
    }

    /// <summary>Answers to requests that are over.</summary>
    public StripedCounter Late { get; } = new();

    /// <summary>Answers to requests that were never made.</summary>
    public StripedCounter UnknownId { get; } = new();

    /// <summary>Answers of devices without MCP.</summary>
    public StripedCounter NotOffered { get; } = new();

    /// <summary>Descriptions above their bound.</summary>
    public StripedCounter TooMuch { get; } = new();

    /// <summary>Descriptions that are JSON of another form.</summary>
    public StripedCounter Unreadable { get; } = new();

    /// <param name="outcome"><c>listed</c>, <c>failed</c> or <c>refused</c>.</param>
    public void ListEnded(string outcome) => _lists.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="outcome">How the call ended.</param>
    /// <param name="duration">How long it took.</param>
    public void CallEnded(Enum outcome, TimeSpan duration) =>
        _calls.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome.ToString().ToLowerInvariant()));

    private static Measurement<long> Of(StripedCounter counter, string cause) => new(counter.Value, new KeyValuePair<string, object?>("cause", cause));
}
