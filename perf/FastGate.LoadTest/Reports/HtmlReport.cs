using System.Globalization;
using System.Net;
using System.Text;

namespace FastGate.LoadTest.Reports;

/// <summary>
/// The report for people: one file without scripts or external resources. Every number is in an element whose <c>data-key</c> is its
/// path in the JSON, with the same digits.
/// </summary>
internal sealed partial class HtmlReport
{
    private const string Milliseconds = "ms";
    private const string Blue = "#2f6fde";
    private const string Orange = "#d9730d";
    private const string Green = "#2b8a3e";

    private const string Style = """
        :root{color-scheme:light dark;--ink:#1d232a;--soft:#5d6873;--line:#d9dee3;--back:#fff;--card:#f6f8fa;--bad:#b3261e;--good:#216e39;--warn:#8a5a00}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--line:#39424c;--back:#14181d;--card:#1c2229;--bad:#ff8a80;--good:#7ee2a0;--warn:#ffc766}}
        *{box-sizing:border-box}body{font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;color:var(--ink);background:var(--back);margin:0 auto;max-width:1180px;padding:24px}
        h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 8px}p{margin:4px 0}code{font:13px ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        .soft{color:var(--soft)}.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}.warn{border-left:4px solid var(--warn);background:var(--card);padding:8px 12px;margin:12px 0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:16px 0}.tile{background:var(--card);border-radius:8px;padding:10px 12px}
        .tile b{display:block;white-space:nowrap;font-size:20px;font-variant-numeric:tabular-nums}.tile>span{color:var(--soft);font-size:13px}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:14px}.plots div{background:var(--card);border-radius:8px;padding:10px;min-width:0;overflow-x:auto}
        svg{width:100%;min-width:460px;height:auto;display:block}.title{font-size:14px;font-weight:600;fill:var(--ink)}.unit,.tick,.marked{font-size:11px;font-weight:400;fill:var(--soft)}.legend{font-size:12px;fill:var(--ink)}
        .grid{stroke:var(--line);stroke-width:1}.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:4px 10px;border-bottom:1px solid var(--line);white-space:nowrap}
        th{color:var(--soft);font-weight:600}th:first-child,td:first-child,.words td:nth-child(2),.words th:nth-child(2){text-align:left}
        """;

    private readonly StringBuilder _html = new();
    private readonly RunReport _report;

    private HtmlReport(RunReport report) => _report = report;

    public static string Write(RunReport report)
    {
        var html = new HtmlReport(report);
        html.WriteHead();
        html.WriteTiles();
        html.WriteThresholds();
        html.WriteRestarts();
        html.WriteComparison();
        html.WritePlots();
        html.WritePercentiles();
        html.WriteLatencies();
        html.WriteCosts();
        html.WriteCounts();
        html.WriteSamples();
        html._html.Append("</body></html>\n");
        return html._html.ToString();
    }

    private void WriteHead()
    {
        string verdict = _report.Thresholds.Count == 0 ? "" : _report.Passed
            ? "<span class=\"good\">thresholds held</span>" : "<span class=\"bad\">threshold missed</span>";
        Add($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Text(_report.Scenario)}, {Text(_report.StartedAt)}</title><style>{Style}</style></head><body>\n");
        Add($"<h1>FastGate load test: {Text(_report.Scenario)} {verdict}</h1>\n<p class=\"soft\">{Text(_report.StartedAt)} · {_report.Machine.Cores} cores {Text(_report.Machine.Processor)} · {Text(_report.Machine.System)} · {Text(_report.Machine.Runtime)}</p>\n<p><code>{Text(_report.Command)}</code></p>\n");
        if (_report.Interrupted)
        {
            Add($"<p class=\"warn\"><b>Interrupted:</b> the run was stopped before its time. These figures are of the part that ran.</p>\n");
        }

        if (_report.Driver.WasLimit)
        {
            Add($"<p class=\"warn\"><b>The driver was the limit:</b> {Text(string.Join("; ", _report.Driver.Why))}. Do not read these figures as the server's; change this and measure again.</p>\n");
        }
    }

    private void WriteTiles()
    {
        LatencyReport judged = _report.Judged;
        string path = judged == _report.Connect ? "connect" : "latencies.0";
        _html.Append("<div class=\"tiles\">\n");
        Tile("devices", "load.devices", _report.Load.Devices, "");
        Tile(_report.Operation + "s a second", "load.operationsPerSecond", _report.Load.OperationsPerSecond, "");
        Tile(judged.Name + ", p50", path + ".p50Ms", judged.P50Ms, " ms");
        Tile(judged.Name + ", p99", path + ".p99Ms", judged.P99Ms, " ms");
        Tile("failed connections", "load.failed", _report.Load.Failed, "");
        Tile("lost connections", "load.lost", _report.Load.Lost, "");
        Tile("unanswered", "load.unanswered", _report.Load.Unanswered, "");
        if (_report.Load.LateShare is { } late)
        {
            Tile("share of frames late", "load.lateShare", late, "");
        }

        if (_report.Server is { } server)
        {
            Tile($"server CPU for each {_report.Operation}", "server.cpuMicrosecondsPerOperation", server.CpuMicrosecondsPerOperation, " µs");
            Tile("server bytes for each device", "server.residentBytesPerDevice", server.ResidentBytesPerDevice, "");
        }

        _html.Append("</div>\n");
    }

    private void WriteThresholds()
    {
        if (_report.Thresholds.Count == 0)
        {
            return;
        }

        _html.Append("<h2>Thresholds</h2>\n<div class=\"wide\"><table class=\"words\"><tr><th>option</th><th>what</th><th>limit</th><th>measured</th><th></th></tr>\n");
        for (int i = 0; i < _report.Thresholds.Count; i++)
        {
            ThresholdResult result = _report.Thresholds[i];
            Add($"<tr><td><code>{Text(result.Option)}</code></td><td>{Text(result.What)}</td><td>{Value($"thresholds.{i}.limit", result.Limit)}</td><td>{Value($"thresholds.{i}.actual", result.Actual)}</td><td class=\"{(result.Passed ? "good" : "bad")}\">{(result.Passed ? "held" : result.Actual is null ? "not measured" : "missed")}</td></tr>\n");
        }

        _html.Append("</table></div>\n");
    }

    private void WritePlots()
    {
        IReadOnlyList<SampleReport> samples = _report.Samples;
        double[] seconds = [.. samples.Select(sample => sample.Seconds)];
        void Plot(string title, string unit, params SvgSeries[] series) =>
            _html.Append("<div>").Append(TimePlot.Render(title, unit, unit == Milliseconds, seconds, series, _report.Marks)).Append("</div>\n");
        SvgSeries Line(string key, string name, string color, Func<SampleReport, double?> value) => new(key, name, color, [.. samples.Select(value)]);

        _html.Append("<h2>Over time</h2>\n<div class=\"plots\">\n");
        Plot("Latency: " + _report.PlottedLatency, Milliseconds, Line("p50Ms", "p50", Blue, sample => sample.P50Ms), Line("p99Ms", "p99", Orange, sample => sample.P99Ms));
        Plot("Throughput", "a second", Line("operationsPerSecond", _report.Operation + "s", Blue, sample => sample.OperationsPerSecond), Line("receivedPerSecond", "messages received", Orange, sample => sample.ReceivedPerSecond));
        Plot("CPU", "% of one core", Line("serverCpuPercent", "server", Blue, sample => sample.ServerCpuPercent), Line("driverCpuPercent", "driver", Orange, sample => sample.DriverCpuPercent));
        Plot("Server memory", "MB resident", Line("serverMb", "server", Blue, sample => sample.ServerMb));
        Plot("Devices", "connected", Line("open", "connected", Green, sample => sample.Open));
        _html.Append("</div>\n");
    }

    /// <summary>The figures of an earlier run beside those of this one.</summary>
    private void WriteComparison()
    {
        if (_report.Comparison is not { } comparison)
        {
            return;
        }

        Add($"<h2>Compared with the run of {Text(comparison.StartedAt)}</h2>\n<p><code>{Text(comparison.Command)}</code></p>\n");
        foreach (string warning in comparison.Warnings)
        {
            Add($"<p class=\"warn\">{Text(warning)}</p>\n");
        }

        _html.Append("<div class=\"wide\"><table><tr><th></th><th>earlier</th><th>now</th><th>change, %</th></tr>\n");
        for (int i = 0; i < comparison.Rows.Count; i++)
        {
            ComparisonRow row = comparison.Rows[i];
            string path = $"comparison.rows.{i}.";
            Add($"<tr><td>{Text(row.Name)}</td><td>{Value(path + "earlier", row.Earlier)}</td><td>{Value(path + "now", row.Now)}</td><td>{Value(path + "changePercent", row.ChangePercent)}</td></tr>\n");
        }

        _html.Append("</table></div>\n");
    }

    private void WritePercentiles()
    {
        _html.Append("<h2>Percentiles</h2>\n<div class=\"plots\">\n");
        for (int i = 0; i < _report.Latencies.Count; i++)
        {
            Curve(_report.Latencies[i], $"latencies.{i}");
        }

        Curve(_report.Connect, "connect");
        _html.Append("</div>\n");
    }

    private void Curve(LatencyReport latency, string path)
    {
        if (latency.Curve.Count > 0)
        {
            List<(string, string, string, IReadOnlyList<PercentileReport>)> curves = [(path + ".curve", "this run", Blue, latency.Curve)];
            if (_report.Comparison?.Curves.GetValueOrDefault(latency.Name) is { } earlier)
            {
                curves.Add(("comparison.curves." + Text(latency.Name), "earlier run", Orange, earlier));
            }

            _html.Append("<div>").Append(PercentilePlot.Render(latency.Name, curves)).Append("</div>\n");
        }
    }

    private void WriteLatencies()
    {
        _html.Append("<h2>Latency from the scheduled instant, ms</h2>\n<div class=\"wide\"><table><tr><th></th><th>count</th><th>min</th><th>mean</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr>\n");
        for (int i = 0; i < _report.Latencies.Count; i++)
        {
            LatencyRow(_report.Latencies[i], $"latencies.{i}");
        }

        LatencyRow(_report.Connect, "connect");
        _html.Append("</table></div>\n");
    }

    private void LatencyRow(LatencyReport latency, string path) => Add(
        $"<tr><td>{Text(latency.Name)}</td><td>{Value(path + ".count", latency.Count)}</td><td>{Value(path + ".minMs", latency.MinMs)}</td><td>{Value(path + ".meanMs", latency.MeanMs)}</td><td>{Value(path + ".p50Ms", latency.P50Ms)}</td><td>{Value(path + ".p90Ms", latency.P90Ms)}</td><td>{Value(path + ".p99Ms", latency.P99Ms)}</td><td>{Value(path + ".p999Ms", latency.P999Ms)}</td><td>{Value(path + ".maxMs", latency.MaxMs)}</td></tr>\n");

    private void WriteCosts()
    {
        DriverReport driver = _report.Driver;
        ServerReport? server = _report.Server;
        Add($"<h2>What it cost</h2>\n<p class=\"soft\">CPU during the load; the driver's busiest thread and lateness while the judged latency arose.</p>\n<div class=\"wide\"><table><tr><th></th><th>server</th><th>driver</th></tr>\n");
        Add($"<tr><td>CPU, s</td><td>{Value("server.cpuSeconds", server?.CpuSeconds)}</td><td>{Value("driver.cpuSeconds", driver.CpuSeconds)}</td></tr>\n");
        Add($"<tr><td>CPU, % of one core</td><td>{Value("server.cpuPercent", server?.CpuPercent)}</td><td>{Value("driver.cpuPercent", driver.CpuPercent)}</td></tr>\n");
        Add($"<tr><td>CPU for each {Text(_report.Operation)}, µs</td><td>{Value("server.cpuMicrosecondsPerOperation", server?.CpuMicrosecondsPerOperation)}</td><td>{Value("driver.cpuMicrosecondsPerOperation", driver.CpuMicrosecondsPerOperation)}</td></tr>\n");
        Add($"<tr><td>CPU for each connection of the ramp, µs</td><td>{Value("server.cpuMicrosecondsPerConnection", server?.CpuMicrosecondsPerConnection)}</td><td></td></tr>\n");
        Add($"<tr><td>memory before, MB</td><td>{Value("server.residentMbBefore", server?.ResidentMbBefore)}</td><td></td></tr>\n");
        Add($"<tr><td>memory at the end, MB</td><td>{Value("server.residentMbAfter", server?.ResidentMbAfter)}</td><td>{Value("driver.residentMb", driver.ResidentMb)}</td></tr>\n");
        Add($"<tr><td>memory peak, MB</td><td>{Value("server.residentMbPeak", server?.ResidentMbPeak)}</td><td></td></tr>\n");
        Add($"<tr><td>busiest thread, %</td><td></td><td>{Value("driver.busyPercent", driver.BusyPercent)}</td></tr>\n");
        Add($"<tr><td>lateness, ms: p50 / p99 / max</td><td></td><td>{Value("driver.latenessP50Ms", driver.LatenessP50Ms)} / {Value("driver.latenessP99Ms", driver.LatenessP99Ms)} / {Value("driver.latenessMaxMs", driver.LatenessMaxMs)}</td></tr>\n</table></div>\n");
    }

    private void WriteCounts()
    {
        LoadReport load = _report.Load;
        _html.Append("<h2>Counts</h2>\n<div class=\"wide\"><table><tr><th></th><th></th></tr>\n");
        void Row(string name, string key, double? value) => Add($"<tr><td>{Text(name)}</td><td>{Value("load." + key, value)}</td></tr>\n");
        Row("connections begun", "connections", load.Connections);
        Row("hellos answered", "ready", load.Ready);
        Row("retries", "retries", load.Retries);
        Row(_report.Operation + "s", "operations", load.Operations);
        Row("messages sent", "messagesSent", load.MessagesSent);
        Row("messages received", "messagesReceived", load.MessagesReceived);
        Row("bytes sent", "bytesSent", load.BytesSent);
        Row("bytes received", "bytesReceived", load.BytesReceived);
        Row("frames that were to come back", "framesExpected", load.FramesExpected);
        Row("frames late", "framesLate", load.FramesLate);
        Row("packets of the device that floods", "floodPackets", load.FloodPackets);
        Row("hostile connections", "hostileConnections", load.HostileConnections);
        Row("hostile connections ended by the server", "hostileEnded", load.HostileEnded);
        Row("broken frames from the server", "protocolErrors", load.ProtocolErrors);
        Row("ramp, s", "rampSeconds", load.RampSeconds);
        Row("load, s", "loadSeconds", load.LoadSeconds);
        Row("seed", "seed", load.Seed);
        WriteSpeech();
        foreach ((int status, int count) in load.Refusals)
        {
            Row($"refused with HTTP status {status}", $"refusals.{status}", count);
        }

        foreach ((int error, int count) in load.SystemErrors)
        {
            Row($"connect failed with errno {error}", $"systemErrors.{error}", count);
        }

        _html.Append("</table></div>\n");
    }

    private void WriteSpeech()
    {
        if (_report.Speech is not { } speech)
        {
            return;
        }

        void Row(string name, string key, double? value) => Add($"<tr><td>{Text(name)}</td><td>{Value("speech." + key, value)}</td></tr>\n");
        Row("frames received", "framesReceived", speech.FramesReceived);
        Row("frames missing", "framesMissing", speech.FramesMissing);
        Row("frames doubled", "framesDoubled", speech.FramesDoubled);
        Row("frames reordered", "framesReordered", speech.FramesReordered);
        Row("frames outside an answer", "framesOutside", speech.FramesOutside);
        Row("share of frames in time", "inTimeShare", speech.InTimeShare);
        Row("turns answered before the end of the words", "cutShort", speech.CutShort);
        Row("turns interrupted", "interrupted", speech.Interrupted);
        Row("turns whose sound was compared", "compared", speech.Compared);
        Row("turns without the last word", "withoutLastWord", speech.WithoutLastWord);
        Row("level of the last word, dB", "lastWordDb", speech.LastWordDb);
        Row("length of the words, difference, ms", "spanDifferenceMs", speech.SpanDifferenceMs);
    }

    private void WriteSamples()
    {
        _html.Append("<details><summary>The plotted numbers</summary>\n<div class=\"wide\"><table><tr><th>s</th><th>devices</th><th>operations/s</th><th>received/s</th><th>p50, ms</th><th>p99, ms</th><th>server CPU, %</th><th>server, MB</th><th>driver CPU, %</th></tr>\n");
        for (int i = 0; i < _report.Samples.Count; i++)
        {
            SampleReport sample = _report.Samples[i];
            string path = $"samples.{i}.";
            Add($"<tr><td>{Value(path + "seconds", sample.Seconds)}</td><td>{Value(path + "open", sample.Open)}</td><td>{Value(path + "operationsPerSecond", sample.OperationsPerSecond)}</td><td>{Value(path + "receivedPerSecond", sample.ReceivedPerSecond)}</td><td>{Value(path + "p50Ms", sample.P50Ms)}</td><td>{Value(path + "p99Ms", sample.P99Ms)}</td><td>{Value(path + "serverCpuPercent", sample.ServerCpuPercent)}</td><td>{Value(path + "serverMb", sample.ServerMb)}</td><td>{Value(path + "driverCpuPercent", sample.DriverCpuPercent)}</td></tr>\n");
        }

        _html.Append("</table></div></details>\n");
    }

    private void Tile(string name, string key, double? value, string unit) =>
        Add($"<div class=\"tile\"><b>{Value(key, value)}{(value is null ? "" : unit)}</b><span>{Text(name)}</span></div>\n");

    private static string Value(string key, double? value) => value is null ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"<span data-key=\"{key}\">{value.Value:#,0.######}</span>");

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private void Add(FormattableString text) => _html.Append(text.ToString(CultureInfo.InvariantCulture));
}
