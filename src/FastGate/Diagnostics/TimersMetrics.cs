using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>
/// The instruments of the timer wheel. The timer thread stores plain numbers once per tick; exporters read them when they collect.
/// </summary>
internal sealed class TimersMetrics
{
    private const int WindowMs = 60_000;

    // Written by the timer thread only.
    private long _armed;
    private long _fired;
    private long _refiled;
    private long _failed;
    private long _latestWindow;
    private long _windowBefore;
    private long _windowEnds;

    public TimersMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableUpDownCounter(
            "fastgate.timers.armed", () => Volatile.Read(ref _armed), "{entry}", "Entries waiting in the timer wheel");
        meter.CreateObservableCounter(
            "fastgate.timers.fired", () => Volatile.Read(ref _fired), "{deadline}", "Deadlines that passed");
        meter.CreateObservableCounter(
            "fastgate.timers.refiled",
            () => Volatile.Read(ref _refiled),
            "{entry}",
            "Entries rescheduled because their deadline was later than their bucket");
        meter.CreateObservableCounter(
            "fastgate.timers.failed", () => Volatile.Read(ref _failed), "{deadline}", "Callbacks that threw");
        meter.CreateObservableGauge(
            "fastgate.timers.tick.lateness.max",
            () => MaxLatenessMs / 1000.0,
            "s",
            "Greatest lateness of a tick in the last one to two minutes");
    }

    /// <summary>The greatest lateness of a tick in the current and the previous minute.</summary>
    public long MaxLatenessMs => Math.Max(Volatile.Read(ref _latestWindow), Volatile.Read(ref _windowBefore));

    /// <summary>Stores the results of a tick. Timer thread only.</summary>
    public void Turned(int armed, long fired, long refiled, long failed, long lateMs, long nowMs)
    {
        Volatile.Write(ref _armed, armed);
        Volatile.Write(ref _fired, fired);
        Volatile.Write(ref _refiled, refiled);
        Volatile.Write(ref _failed, failed);
        if (nowMs >= _windowEnds)
        {
            _windowEnds = nowMs + WindowMs;
            Volatile.Write(ref _windowBefore, Volatile.Read(ref _latestWindow));
            Volatile.Write(ref _latestWindow, lateMs);
        }
        else if (lateMs > Volatile.Read(ref _latestWindow))
        {
            Volatile.Write(ref _latestWindow, lateMs);
        }
    }
}
