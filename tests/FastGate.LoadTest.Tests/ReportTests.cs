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

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 0.5)]
    [InlineData(1, 1)]
    [InlineData(1.2, 2)]
    [InlineData(2.1, 5)]
    [InlineData(7, 10)]
    [InlineData(4200, 5000)]
    public void Axis_steps_are_round_numbers(double least, double step) => Assert.Equal(step, SvgPlot.NiceStep(least), 9);

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
                drawn[at++] = (1 - ((y - Number("top")) / Number("height"))) * Number("scale");
            }

            Assert.All(expected.Zip(drawn), pair =>
            {
                if (pair.Second is { } value)
                {
                    Assert.Equal(pair.First!.Value, value, Number("scale") / 1000);
                }
            });
        }

        Assert.Equal(expected.Select(value => value is null), drawn.Select(value => value is null));
    }

    [GeneratedRegex("<span data-key=\"([^\"]+)\">([^<]+)</span>")]
    private static partial Regex Keyed();

    [GeneratedRegex("data-series=\"(?<series>[^\"]+)\" data-first=\"(?<first>\\d+)\" data-scale=\"(?<scale>[^\"]+)\" data-top=\"(?<top>\\d+)\" data-height=\"(?<height>\\d+)\"[^>]* points=\"(?<points>[^\"]+)\"")]
    private static partial Regex Polyline();
}
