using System.Globalization;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Commands;

/// <summary>The last lines of a run on the terminal.</summary>
internal static class SummaryWriter
{
    public static void Write(TextWriter output, RunReport report)
    {
        LoadReport load = report.Load;
        Line(output, $"");
        Line(output, $"{report.Scenario}: {load.Devices} devices, load {load.LoadSeconds} s, {load.Operations} {report.Operation}s ({load.OperationsPerSecond} a second)");
        Line(output, $"connections {load.Connections}, served {load.Ready}, failed {load.Failed}, lost {load.Lost}, unanswered {load.Unanswered}, retries {load.Retries}");
        if (load.LateShare is { } late)
        {
            Line(output, $"frames {load.FramesExpected}, late {load.FramesLate}, share late or missing {late}");
        }

        if (report.Speech is { } speech)
        {
            Line(output, $"frames received {speech.FramesReceived}, missing {speech.FramesMissing}, doubled {speech.FramesDoubled}, reordered {speech.FramesReordered}, outside an answer {speech.FramesOutside}, in time {Or(speech.InTimeShare)}");
            Line(output, $"turns cut short {speech.CutShort}, interrupted {speech.Interrupted}; compared {speech.Compared}, without the last word {speech.WithoutLastWord}, level of the last word {Or(speech.LastWordDb)} dB, length of the words {Or(speech.SpanDifferenceMs)} ms");
        }

        if (report.Restart is { } restart)
        {
            WriteRestarts(output, restart);
        }

        if (load.FloodPackets > 0)
        {
            Line(output, $"packets of the device that floods {load.FloodPackets}");
        }

        if (load.HostileConnections > 0)
        {
            Line(output, $"hostile connections {load.HostileConnections}, ended by the server {load.HostileEnded}");
        }

        foreach ((int status, int count) in load.Refusals)
        {
            Line(output, $"refused with HTTP status {status}: {count}");
        }

        foreach ((int error, int count) in load.SystemErrors)
        {
            Line(output, $"connect failed with errno {error}: {count}");
        }

        Line(output, $"{"ms, from the scheduled instant",-32} {"count",9} {"p50",10} {"p90",10} {"p99",10} {"p99.9",10} {"max",10}");
        foreach (LatencyReport latency in report.Latencies.Append(report.Connect).Where(latency => latency.Count > 0))
        {
            Line(output, $"{latency.Name,-32} {latency.Count,9} {latency.P50Ms,10} {latency.P90Ms,10} {latency.P99Ms,10} {latency.P999Ms,10} {latency.MaxMs,10}");
        }

        if (report.Server is { } server)
        {
            Line(output, $"server: CPU {server.CpuPercent} % of a core, {Or(server.CpuMicrosecondsPerOperation)} µs a {report.Operation}, {Or(server.CpuMicrosecondsPerConnection)} µs a connection of the ramp; memory {server.ResidentMbBefore} -> {server.ResidentMbAfter} MB (peak {server.ResidentMbPeak}), {Or(server.ResidentBytesPerDevice)} bytes a device");
        }

        DriverReport driver = report.Driver;
        Line(output, $"driver: CPU {driver.CpuPercent} % of a core, {Or(driver.CpuMicrosecondsPerOperation)} µs a {report.Operation}; busiest thread {driver.BusyPercent} %; lateness p50 {driver.LatenessP50Ms}, p99 {driver.LatenessP99Ms}, max {driver.LatenessMaxMs} ms");
        foreach (string why in driver.Why)
        {
            Line(output, $"THE DRIVER WAS THE LIMIT: {why}");
        }

        if (report.Interrupted)
        {
            Line(output, $"INTERRUPTED: the figures cover the part that ran");
        }

        if (report.Comparison is { } comparison)
        {
            Line(output, $"");
            Line(output, $"{"compared with " + comparison.StartedAt,-44} {"earlier",12} {"now",12} {"change, %",10}");
            foreach (ComparisonRow row in comparison.Rows)
            {
                Line(output, $"{row.Name,-44} {Or(row.Earlier),12} {Or(row.Now),12} {(row.ChangePercent is { } change ? Or(change) : "-"),10}");
            }

            foreach (string warning in comparison.Warnings)
            {
                Line(output, $"careful: {warning}");
            }
        }

        foreach (ThresholdResult result in report.Thresholds)
        {
            Line(output, $"{(result.Passed ? "held  " : "MISSED")} {result.Option} {result.Limit}: {result.What} was {Or(result.Actual)}");
        }
    }

    private static void WriteRestarts(TextWriter output, RestartReport restart)
    {
        Line(output, $"restarts by {restart.Trigger}: {restart.Connected} devices ({restart.Pinging} pinging, {restart.Turning} in turns), closed {restart.Closed}; connected anew {restart.NewConnects}, refused or reset {restart.Refused}");
        Line(output, $"numbered messages {restart.Messages}, lost {restart.Lost}, doubled {restart.Doubled}, reordered {restart.Reordered}; second hellos {restart.Hellos}, unanswered {restart.HellosUnanswered}, session ids changed {restart.SessionsChanged}; turns finished {restart.TurnsFinished}, cut {restart.TurnsCut}, broken {restart.TurnsBroken}");
        Line(output, $"{"worst delay of a device, ms",-32} {"p50",10} {"p99",10} {"max",10} {"silence",10} {"MB",8} {"sockets",8} {"others",8}");
        Line(output, $"{"without a restart",-32} {restart.Control.P50Ms,10} {restart.Control.P99Ms,10} {restart.Control.MaxMs,10} {restart.Control.SilenceMs,10}");
        for (int i = 0; i < restart.Rounds.Count; i++)
        {
            RestartRoundReport round = restart.Rounds[i];
            Line(output, $"{$"restart {i + 1}" + (round.Restarted ? "" : ", DID NOT HAPPEN"),-32} {round.Gap.P50Ms,10} {round.Gap.P99Ms,10} {round.Gap.MaxMs,10} {round.Gap.SilenceMs,10} {Or(round.ServerMb),8} {Or(round.Sockets),8} {Or(round.OtherDescriptors),8}  finished {round.TurnsFinished}, cut {round.TurnsCut}  {round.Answer}");
            foreach (string line in round.Log)
            {
                Line(output, $"    {line}");
            }
        }
    }

    private static string Or(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "not measured";

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
