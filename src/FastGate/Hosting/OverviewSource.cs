using System.Diagnostics.Metrics;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Http.Admin;
using FastGate.Llm.Catalog;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Hosting;

/// <summary>Reads the numbers of the whole gateway. One caller at a time.</summary>
internal sealed class OverviewSource(ConnectionServices connections, LlmCatalog catalog, ITransport transport, TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();

    // The loops at the report before.
    private IReadOnlyList<LoopLoad> _before = [];
    private long _beforeAt;

    /// <summary>Serves the same numbers to Prometheus. Called once.</summary>
    public OverviewSource Observe(IMeterFactory meters)
    {
        OverviewMetrics.Create(
            meters,
            () => connections.Registry.Count,
            () => LoopLoads().Select(static load => (load.Loop, load.Connections, load.Processor)),
            () => Providers().Select(static provider => (provider.Name, provider.Model, provider.Breaker == "open", provider.InFlight)));
        return this;
    }

    public OverviewReport Read()
    {
        ConnectionMetrics metrics = connections.Metrics;
        SessionMetrics sessions = connections.Sessions.Metrics;
        return new OverviewReport
        {
            At = time.GetUtcNow(),
            UptimeSeconds = (long)time.GetElapsedTime(_startedAt).TotalSeconds,
            Devices = connections.Registry.Count,
            Open = metrics.Open,
            Connects = metrics.Upgraded.Value,
            Ends = ConnectionEndReasons.All
                .Where(reason => reason != ConnectionEndReason.None && metrics.EndedBy(reason) > 0)
                .ToDictionary(static reason => reason.Tag(), metrics.EndedBy),
            Turns = new Dictionary<string, long>
            {
                ["completed"] = sessions.TurnsCompleted.Value,
                ["cancelled"] = sessions.TurnsCancelled.Value,
                ["failed"] = sessions.TurnsFailed.Value,
            },
            Stages = [.. sessions.Stages.Where(static stage => stage.Count > 0).Select(static stage => new StageReport(stage.Name, stage.Count, Math.Round(stage.MeanMs, 1)))],
            Llm = [.. Providers()],
            Loops = Loops(),
            Memory = new ProcessMemory(Environment.WorkingSet, GC.GetTotalMemory(false)),
        };
    }

    private IReadOnlyList<LoopLoad> LoopLoads() => (transport as EventLoopTransport)?.Loads() ?? [];

    private IEnumerable<ProviderReport> Providers() => catalog.Explain()
        .Select(static purpose => new ProviderReport(purpose.Alias, purpose.Model, purpose.Breaker, purpose.InFlight))
        .DistinctBy(static provider => (provider.Name, provider.Model));

    private LoopReport[] Loops()
    {
        IReadOnlyList<LoopLoad> now = LoopLoads();
        TimeSpan elapsed = time.GetElapsedTime(_beforeAt);
        LoopReport[] report =
        [
            .. now.Select((load, index) => new LoopReport(
                load.Loop,
                load.Connections,
                index < _before.Count ? Math.Round(Math.Clamp((load.Processor - _before[index].Processor) / elapsed, 0, 1), 3) : 0)),
        ];
        (_before, _beforeAt) = (now, time.GetTimestamp());
        return report;
    }
}
