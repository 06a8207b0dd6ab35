using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the overload.</summary>
internal sealed class OverloadMetrics
{
    public OverloadMetrics(IMeterFactory factory, Func<int> level)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableGauge("fastgate.overload.level", level, description: "0 for none, 1 when new devices are refused, 2 when idle devices with an automatic id are closed too");
        meter.CreateObservableGauge("fastgate.overload.memory", () => Memory, "1", "Used share of the container's memory limit, or of what the garbage collector may use");
        meter.CreateObservableGauge("fastgate.overload.loop", () => Loop, "1", "Processor time in the last second: of the busiest event loop, or of the process as a share of all processors");
        meter.CreateObservableGauge("fastgate.overload.descriptors", () => Descriptors, "1", "Used share of the descriptors that devices may have");
    }

    /// <summary>Of the last reading.</summary>
    public double Memory { get; set; }

    /// <summary>Of the last reading.</summary>
    public double Loop { get; set; }

    /// <summary>Of the last reading.</summary>
    public double Descriptors { get; set; }
}
