using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the commands to devices.</summary>
internal sealed class CommandMetrics
{
    private readonly GatewayMeter _meter;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _refused;

    public CommandMetrics(IMeterFactory factory)
    {
        _meter = GatewayMeter.Create(factory);
        _ended = _meter.CreateCounterAtZero(
            "fastgate.commands.ended", "{command}", "Commands to devices that ended, by state.",
            "state", "acknowledged", "failed", "expired", "cancelled");
        _refused = _meter.CreateCounterAtZero(
            "fastgate.commands.refused", "{command}", "Commands that were not accepted, by cause.",
            "cause", "toolong", "devicefull", "full", "busy", "storefailed", "othercommand");
    }

    /// <summary>Adds the gauges; called once.</summary>
    public void Observe(Func<long> pending, Func<long> sent)
    {
        _meter.CreateObservableGauge("fastgate.commands.pending", pending, "{command}", "Commands that have not ended.");
        _meter.CreateObservableGauge("fastgate.commands.sent", sent, "{command}", "Commands that a device has and has not answered.");
    }

    public void Ended(Enum state) => _ended.Add(1, new KeyValuePair<string, object?>("state", Name(state)));

    public void Refused(Enum cause) => _refused.Add(1, new KeyValuePair<string, object?>("cause", Name(cause)));

    private static string Name(Enum value) => value.ToString().ToLowerInvariant();
}
