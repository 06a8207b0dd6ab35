using System.Globalization;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Load;

/// <summary>Writes the report of a finished run.</summary>
internal sealed class RunSummary(
    LoadSettings settings, Scenario scenario, DriverLoop[] loops, RunSampler sampler, string command, DateTimeOffset startedAt, int cores)
{
    public RunReport Write(RunInstant start, RunInstant rampEnd, RunInstant loadBegin, RunInstant loadEnd, long steadyAt)
    {
        LoopCounters total = sampler.Sum();
        var connect = LatencyReport.Of("connect", LatencyHistograms.Sum(loops.Select(loop => loop.ConnectLatency)));
        LatencyReport[] latencies = [.. scenario.Latencies.Select((name, i) => LatencyReport.Of(name, LatencyHistograms.Sum(loops.Select(loop => loop.Latencies[i]))))];
        double loadSeconds = (loadEnd.At - loadBegin.At) / 1e9;
        long operations = loadEnd.Counters.Operations - loadBegin.Counters.Operations;
        double steady = Round((steadyAt - sampler.Origin) / 1e9, 2);
        ServerReport? server = Server(start, rampEnd, loadBegin, loadEnd, operations);
        return new RunReport
        {
            Scenario = scenario.Name,
            Operation = scenario.Operation,
            Command = command,
            StartedAt = startedAt.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture),
            Machine = MachineReport.Read(),
            Load = Load(total, rampEnd, start, loadSeconds, operations),
            Speech = scenario.DescribeSpeech(total),
            Restart = scenario.DescribeRestarts(),
            Connect = connect,
            Latencies = latencies,
            JudgedLatency = (scenario.JudgesConnect ? connect : latencies[0]).Name,
            PlottedLatency = scenario.JudgesConnect ? connect.Name : scenario.Plotted.Name,
            Server = server,
            Driver = scenario.JudgesConnect
                ? Driver(start, rampEnd, loadBegin, loadEnd, operations, connect.P99Ms)
                : Driver(loadBegin, loadEnd, loadBegin, loadEnd, operations, latencies[0].P99Ms),
            Samples = sampler.Samples,
            Marks =
            [
                new MarkReport(steady, "load"),
                .. settings.Lead > TimeSpan.Zero ? [new MarkReport(Round(steady + settings.Lead.TotalSeconds, 2), "measured")] : Array.Empty<MarkReport>(),
                .. scenario.Marks.Select(mark => new MarkReport(Round(steady + mark.Seconds, 2), mark.Label)),
                new MarkReport(Round((loadEnd.At - sampler.Origin) / 1e9, 2), "end"),
            ],
        };
    }

    private LoadReport Load(LoopCounters total, RunInstant rampEnd, RunInstant start, double loadSeconds, long operations) => new()
    {
        Devices = settings.Devices,
        RampSeconds = scenario.RampsUp ? Round((rampEnd.At - start.At) / 1e9, 2) : 0,
        LoadSeconds = Round(loadSeconds, 2),
        Seed = settings.Seed,
        Connections = total.Attempts,
        Ready = total.Ready,
        Failed = total.Failed,
        Lost = total.Lost,
        Unanswered = total.Unanswered,
        Retries = total.Retries,
        Operations = total.Operations,
        OperationsPerSecond = Round(operations / loadSeconds, 1),
        MessagesSent = total.Sent,
        MessagesReceived = total.Received,
        BytesSent = total.BytesSent,
        BytesReceived = total.BytesReceived,
        FloodPackets = total.FloodPackets,
        FramesExpected = total.FramesExpected,
        FramesLate = total.FramesLate,
        LateShare = total.FramesExpected == 0 ? null : Round((double)(total.FramesLate + total.FramesMissing + total.Unanswered) / total.FramesExpected, 6),
        HostileConnections = total.HostileAttempts,
        HostileEnded = total.HostileEnded,
        ProtocolErrors = total.ProtocolErrors,
        Refusals = Merge(loop => loop.Refusals),
        SystemErrors = Merge(loop => loop.SystemErrors),
    };

    private ServerReport? Server(
        RunInstant start, RunInstant rampEnd, RunInstant loadBegin, RunInstant loadEnd, long operations)
    {
        if (start.Server is not { } before || loadBegin.Server is not { } begin || loadEnd.Server is not { } end || end.CpuSeconds < begin.CpuSeconds)
        {
            return null;
        }

        double cpu = end.CpuSeconds - begin.CpuSeconds;
        bool ramped = scenario.RampsUp && rampEnd.Counters.Ready > 0 && rampEnd.Server is not null;
        return new ServerReport(
            settings.ServerPid,
            Round(cpu, 2),
            RunSampler.CpuPercent(loadBegin, loadEnd) ?? 0,
            operations == 0 ? null : Round(cpu / operations * 1e6, 1),
            ramped ? Round((rampEnd.Server!.Value.CpuSeconds - before.CpuSeconds) / rampEnd.Counters.Ready * 1e6, 1) : null,
            Round(before.ResidentBytes / 1e6, 2),
            Round(end.ResidentBytes / 1e6, 2),
            Math.Max(sampler.PeakServerMb, Round(end.ResidentBytes / 1e6, 2)),
            ramped && loadEnd.Counters.Open > 0 ? Round((double)(end.ResidentBytes - before.ResidentBytes) / loadEnd.Counters.Open, 0) : null);
    }

    /// <summary>CPU covers the load, like the server's. Whether the driver was the limit is decided in the interval of the judged latency.</summary>
    private DriverReport Driver(
        RunInstant judgedBegin, RunInstant judgedEnd, RunInstant loadBegin, RunInstant loadEnd, long operations, double judgedP99Ms)
    {
        double cpu = loadEnd.DriverCpuSeconds - loadBegin.DriverCpuSeconds;
        double nanoseconds = judgedEnd.At - judgedBegin.At;
        double busy = Round(judgedEnd.BusyNanoseconds.Zip(judgedBegin.BusyNanoseconds, (after, before) => (after - before) / nanoseconds * 100).Max(), 1);
        var lateness = LatencyReport.Of("lateness", LatencyHistograms.Difference(judgedEnd.Lateness, judgedBegin.Lateness));
        double together = DriverPercent(judgedBegin, judgedEnd) + (RunSampler.CpuPercent(judgedBegin, judgedEnd) ?? 0);
        IReadOnlyList<string> why = DriverLimit.Find(busy, lateness.P99Ms, judgedP99Ms, Round(together, 1), cores);
        return new DriverReport(
            Round(cpu, 2),
            DriverPercent(loadBegin, loadEnd),
            operations == 0 ? null : Round(cpu / operations * 1e6, 1),
            busy,
            lateness.P50Ms,
            lateness.P99Ms,
            lateness.MaxMs,
            Round(Environment.WorkingSet / 1e6, 1),
            why.Count > 0,
            why);
    }

    private static double DriverPercent(RunInstant begin, RunInstant end) =>
        Round((end.DriverCpuSeconds - begin.DriverCpuSeconds) / ((end.At - begin.At) / 1e9) * 100, 1);

    private SortedDictionary<int, int> Merge(Func<DriverLoop, IReadOnlyDictionary<int, int>> counts)
    {
        SortedDictionary<int, int> merged = [];
        foreach ((int key, int count) in loops.SelectMany(loop => counts(loop)))
        {
            merged[key] = merged.GetValueOrDefault(key) + count;
        }

        return merged;
    }

    private static double Round(double value, int digits) => RunSampler.Round(value, digits);
}
