using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

public partial class ReportTests
{
    [Fact]
    public void Numbers_of_the_page_equal_the_json()
    {
        RunReport report = new Thresholds { MaxP99Ms = 5.5, MaxLost = 0, MaxServerCpuUs = 40 }.Judge(Reports.Create());
        AssertSameNumbers(HtmlReport.Write(report), JsonReport.Write(report));
    }

    [Fact]
    public void Points_of_the_plots_equal_the_samples()
    {
        RunReport report = Reports.Create();
        AssertSamePlots(HtmlReport.Write(report), JsonReport.Write(report));
    }

    [Fact]
    public void Page_has_no_scripts_and_no_external_resources()
    {
        string html = HtmlReport.Write(Reports.Create());
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", html.Replace("HTTP status", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(src|href|url)\\s*[=(]", html);
        Assert.Contains("--token &#39;&lt;b&gt;&amp;&#39;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_shows_that_the_driver_was_the_limit()
    {
        RunReport report = Reports.Create();
        Assert.DoesNotContain("was the limit", HtmlReport.Write(report), StringComparison.Ordinal);
        report = report with { Driver = report.Driver with { WasLimit = true, Why = ["a thread was busy"] } };
        Assert.Contains("The driver was the limit:</b> a thread was busy", HtmlReport.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_report_shows_an_interruption()
    {
        RunReport report = Reports.Create();
        Assert.DoesNotContain("Interrupted", HtmlReport.Write(report), StringComparison.Ordinal);
        report = report with { Interrupted = true };
        Assert.Contains("<b>Interrupted:</b>", HtmlReport.Write(report), StringComparison.Ordinal);
        Assert.True((bool)JsonNode.Parse(JsonReport.Write(report))!["interrupted"]!);
        using StringWriter printed = new();
        SummaryWriter.Write(printed, report);
        Assert.Contains("INTERRUPTED", printed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_without_samples_and_server_is_valid()
    {
        RunReport report = Reports.Create() with { Samples = [], Server = null };
        AssertSameNumbers(HtmlReport.Write(report), JsonReport.Write(report));
    }

    /// <summary>A p99 far above the p50 leaves both apart: p50 moves over more than a third of the plot's height.</summary>
    [Fact]
    public void Latency_axis_is_logarithmic()
    {
        RunReport report = Reports.Create();
        report = report with { Samples = [.. report.Samples.Select(static (sample, i) => sample with { P50Ms = 0.05 + (0.2 * i), P99Ms = i == 3 ? 250 : 1.5 })] };
        string html = HtmlReport.Write(report);
        Match[] latencies = [.. Polyline().Matches(html).Where(static line => line.Groups["series"].Value is "p50Ms" or "p99Ms")];
        Assert.Equal(2, latencies.Length);
        Assert.All(latencies, static line => Assert.Equal("log", line.Groups["axis"].Value));
        double[] heights = [.. latencies[0].Groups["points"].Value.Split(' ').Select(static point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture))];
        Assert.InRange(heights.Max() - heights.Min(), 50, 200);
    }

    [Fact]
    public void Points_of_the_percentile_curves_equal_the_json()
    {
        RunReport earlier = Reports.Create() with { StartedAt = "2026-11-22 09:00:00 UTC" };
        RunReport report = Reports.Create();
        report = report with { Comparison = ComparisonReport.Of(report, earlier) };
        JsonNode root = JsonNode.Parse(JsonReport.Write(report))!;
        MatchCollection curves = CurveLine().Matches(HtmlReport.Write(report));
        Assert.Equal(6, curves.Count);
        Assert.All(curves, curve =>
        {
            JsonArray points = curve.Groups["curve"].Value.Split('.')
                .Aggregate(root, static (at, key) => at is JsonArray list ? list[int.Parse(key, CultureInfo.InvariantCulture)]! : at[key]!).AsArray();
            double[] drawn = [.. curve.Groups["points"].Value.Split(' ').Select(point => Value(curve, double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture)))];
            Assert.Equal(points.Count, drawn.Length);
            Assert.All(points.Zip(drawn), static pair => Assert.Equal((double)pair.First!["ms"]!, pair.Second, pair.Second / 1000));
        });
    }

    [Fact]
    public void Comparison_is_read_from_the_json_of_a_run_and_is_in_every_report()
    {
        RunReport now = Reports.Create();
        RunReport earlier = now with { Load = now.Load with { OperationsPerSecond = 10_000 }, Machine = now.Machine with { Cores = 64 } };
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, JsonReport.Write(earlier));
            Assert.Null(EarlierRun.Read(file, "ping", out RunReport? read));
            Assert.Contains("reports of churn", EarlierRun.Read(file, "churn", out _), StringComparison.Ordinal);
            File.WriteAllText(file, $"[{JsonReport.Write(earlier with { Scenario = "hold" })},{JsonReport.Write(earlier)}]");
            Assert.Null(EarlierRun.Read(file, "ping", out read));
            File.WriteAllText(file, "{");
            Assert.Contains("is not a report", EarlierRun.Read(file, "ping", out _), StringComparison.Ordinal);

            now = now with { Comparison = ComparisonReport.Of(now, read!) };
            Assert.Equal(new ComparisonRow("pongs a second", 10_000, 12_345.6, 23.5), now.Comparison.Rows[1]);
            string html = HtmlReport.Write(now);
            AssertSameNumbers(html, JsonReport.Write(now));
            Assert.Contains("data-key=\"comparison.rows.1.changePercent\">23.5<", html, StringComparison.Ordinal);
            using StringWriter printed = new();
            SummaryWriter.Write(printed, now);
            Assert.Contains("careful: the earlier run was made on another machine: 64 cores", printed.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 0.5)]
    [InlineData(1, 1)]
    [InlineData(1.2, 2)]
    [InlineData(2.1, 5)]
    [InlineData(7, 10)]
    [InlineData(4200, 5000)]
    public void Axis_steps_are_round_numbers(double least, double step) => Assert.Equal(step, ValueScale.NiceStep(least), 9);

    internal static void AssertSameNumbers(string html, string json)
    {
        JsonNode root = JsonNode.Parse(json)!;
        MatchCollection numbers = Keyed().Matches(html);
        Assert.True(numbers.Count > 40, $"only {numbers.Count} numbers");
        Assert.All(numbers, number => AssertSameNumber(number.Groups[1].Value, number.Groups[2].Value, root));
    }

    internal static void AssertSameNumber(string path, string text, JsonNode root)
    {
        JsonNode node = path.Split('.').Aggregate(root, (at, key) =>
            (at is JsonArray list ? list[int.Parse(key, CultureInfo.InvariantCulture)] : at[key]) ?? throw new Xunit.Sdk.XunitException($"{path} is not in the JSON"));
        double shown = double.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);
        Assert.True(shown == node.GetValue<double>(), $"{path}: the page says {shown}, the JSON {node}");
    }

    /// <summary>The plots show every number of every sample, under its name, and nothing else.</summary>
    internal static void AssertSamePlots(string html, string json)
    {
        JsonArray samples = JsonNode.Parse(json)!["samples"]!.AsArray();
        string[] keys = [.. samples[0]!.AsObject().Select(pair => pair.Key).Where(key => key != "seconds")];
        Assert.Equal(keys.Order(), Polyline().Matches(html).Select(line => line.Groups["series"].Value).Distinct().Order());
        Assert.All(keys, key => AssertDrawn(html, key, [.. samples.Select(sample => (double?)sample![key])]));
    }

    /// <summary>Reads the points with the scale in the attributes.</summary>
    private static void AssertDrawn(string html, string series, double?[] expected)
    {
        double?[] drawn = new double?[expected.Length];
        foreach (Match line in Polyline().Matches(html).Where(line => line.Groups["series"].Value == series))
        {
            double Number(string name) => double.Parse(line.Groups[name].Value, CultureInfo.InvariantCulture);
            int at = (int)Number("first");
            foreach (string point in line.Groups["points"].Value.Split(' '))
            {
                double y = double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture);
                drawn[at++] = Value(line, y);
            }

            Assert.All(expected.Zip(drawn), pair =>
            {
                if (pair.Second is { } value)
                {
                    Assert.Equal(pair.First!.Value, value, line.Groups["axis"].Value == "log" ? value / 1000 : Number("scale") / 1000);
                }
            });
        }

        Assert.Equal(expected.Select(value => value is null), drawn.Select(value => value is null));
    }

    /// <summary>Reads the value of a point with the scale in the attributes of its line.</summary>
    private static double Value(Match line, double y)
    {
        double Number(string name) => double.Parse(line.Groups[name].Value, CultureInfo.InvariantCulture);
        double place = 1 - ((y - Number("top")) / Number("height"));
        return line.Groups["axis"].Value == "log"
            ? Number("low") * Math.Pow(Number("scale") / Number("low"), place)
            : place * Number("scale");
    }

    [GeneratedRegex("<span data-key=\"([^\"]+)\">([^<]+)</span>")]
    private static partial Regex Keyed();

    [GeneratedRegex("data-series=\"(?<series>[^\"]+)\" data-first=\"(?<first>\\d+)\" data-low=\"(?<low>[^\"]+)\" data-scale=\"(?<scale>[^\"]+)\" data-axis=\"(?<axis>[^\"]+)\" data-top=\"(?<top>\\d+)\" data-height=\"(?<height>\\d+)\"[^>]* points=\"(?<points>[^\"]+)\"")]
    private static partial Regex Polyline();

    [GeneratedRegex("data-curve=\"(?<curve>[^\"]+)\" data-low=\"(?<low>[^\"]+)\" data-scale=\"(?<scale>[^\"]+)\" data-axis=\"(?<axis>[^\"]+)\" data-top=\"(?<top>\\d+)\" data-height=\"(?<height>\\d+)\"[^>]* points=\"(?<points>[^\"]+)\"")]
    private static partial Regex CurveLine();
}
