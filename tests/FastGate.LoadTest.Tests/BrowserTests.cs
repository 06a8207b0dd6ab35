using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

/// <summary>The page in a browser: layout, legibility, and the numbers of the JSON.</summary>
public partial class BrowserTests
{
    /// <summary>Appended to the page: reports the position of each element after layout.</summary>
    private const string Look = """
        <script>
        const box = e => { const r = e.getBoundingClientRect(); return { x: r.x, y: r.y, width: r.width, height: r.height }; };
        const seen = {
          width: document.documentElement.clientWidth, overflow: document.documentElement.scrollWidth,
          numbers: [...document.querySelectorAll('[data-key]')].map(e => ({ key: e.dataset.key, text: e.textContent })),
          plots: [...document.querySelectorAll('svg')].map(svg => ({
            title: svg.getAttribute('aria-label'), box: box(svg),
            texts: [...svg.querySelectorAll('text')].map(t => ({ text: t.textContent, box: box(t), size: parseFloat(getComputedStyle(t).fontSize) * svg.getScreenCTM().a })),
            lines: [...svg.querySelectorAll('polyline')].map(l => ({ key: l.dataset.series ?? l.dataset.curve, points: l.points.numberOfItems, box: box(l), color: getComputedStyle(l).stroke })) })) };
        const pre = document.createElement('pre'); pre.id = 'seen'; pre.textContent = JSON.stringify(seen); parent.document.body.append(pre);
        </script></body>
        """;

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Plots_are_legible_and_numbers_equal_the_json()
    {
        RunReport report = new Thresholds { MaxP99Ms = 5.5, MaxLost = 0 }.Judge(Reports.Create());
        JsonNode json = JsonNode.Parse(JsonReport.Write(report))!;
        JsonNode seen = await LookAsync(report, width: 1280);
        Assert.True((double)seen["overflow"]! <= (double)seen["width"]!, "the page is wider than the window");
        JsonArray numbers = seen["numbers"]!.AsArray();
        Assert.InRange(numbers.Count, 60, 1000);
        Assert.All(numbers, number => ReportTests.AssertSameNumber((string)number!["key"]!, (string)number["text"]!, json));

        JsonArray plots = seen["plots"]!.AsArray();
        Assert.Equal(5 + 3, plots.Count);
        Assert.All(plots, plot => AssertLegible(plot!));
        Assert.Equal(
            json["samples"]![0]!.AsObject().Select(pair => pair.Key).Where(key => key != "seconds").Order(),
            plots.SelectMany(plot => plot!["lines"]!.AsArray()).Select(line => (string)line!["key"]!).Where(key => !key.Contains('.')).Distinct().Order());
    }

    /// <summary>Tables and plots scroll in their own boxes, so that the page itself is never wider than a phone.</summary>
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Page_fits_a_phone_and_plots_stay_legible()
    {
        RunReport report = Reports.Create();
        JsonNode seen = await LookAsync(report with { Comparison = ComparisonReport.Of(report, report) }, width: 360);
        Assert.Equal(360, (double)seen["width"]!);
        Assert.InRange((double)seen["overflow"]!, 1, 360);
        Assert.All(seen["plots"]!.AsArray(), plot => AssertLegible(plot!));
    }

    private static void AssertLegible(JsonNode plot)
    {
        JsonNode frame = plot["box"]!;
        Assert.InRange((double)frame["width"]!, 400, 2000);
        Assert.InRange((double)frame["height"]!, 150, 1000);
        JsonArray texts = plot["texts"]!.AsArray();
        Assert.InRange(texts.Count, 8, 60);
        Assert.All(texts, text =>
        {
            Assert.InRange((double)text!["size"]!, 9, 40);
            AssertWithin(frame, text["box"]!, (string)text["text"]!);
        });
        for (int i = 0; i < texts.Count; i++)
        {
            for (int j = i + 1; j < texts.Count; j++)
            {
                Assert.False(Overlap(texts[i]!["box"]!, texts[j]!["box"]!), $"'{texts[i]!["text"]}' lies on '{texts[j]!["text"]}' in {plot["title"]}");
            }
        }

        JsonArray lines = plot["lines"]!.AsArray();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => AssertWithin(frame, line!["box"]!, (string)line["key"]!));
        Assert.Equal(
            lines.Select(line => (string)line!["key"]!).Distinct().Count(),
            lines.Select(line => (string)line!["color"]!).Distinct().Count());
    }

    private static void AssertWithin(JsonNode frame, JsonNode box, string what)
    {
        const double Edge = 1;
        Assert.True(
            X(box) >= X(frame) - Edge && X(box) + Width(box) <= X(frame) + Width(frame) + Edge && Y(box) >= Y(frame) - Edge && Y(box) + Height(box) <= Y(frame) + Height(frame) + Edge,
            $"'{what}' reaches out of its plot: {box.ToJsonString()} in {frame.ToJsonString()}");
    }

    private static bool Overlap(JsonNode a, JsonNode b) =>
        X(a) + Width(a) > X(b) && X(b) + Width(b) > X(a) && Y(a) + (0.8 * Height(a)) > Y(b) && Y(b) + (0.8 * Height(b)) > Y(a);

    private static double X(JsonNode box) => (double)box["x"]!;

    private static double Y(JsonNode box) => (double)box["y"]!;

    private static double Width(JsonNode box) => (double)box["width"]!;

    private static double Height(JsonNode box) => (double)box["height"]!;

    /// <summary>Lays the page out in a frame of this width: a window of the browser has a minimum width.</summary>
    private static async Task<JsonNode> LookAsync(RunReport report, int width)
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-page-").FullName;
        try
        {
            string page = Path.Combine(folder, "run.html");
            string content = HtmlReport.Write(report).Replace("</body>", Look, StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                page,
                $"<!doctype html><meta charset=utf-8><body style='margin:0'><iframe style='border:0;width:{width}px;height:30000px' srcdoc='{System.Net.WebUtility.HtmlEncode(content)}'></iframe></body>");
            string shown = await ExternalProgram.RunAsync("chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--window-size=1400,1600", $"--user-data-dir={Path.Combine(folder, "profile")}", "--dump-dom", new Uri(page).AbsoluteUri,
            ]);
            return JsonNode.Parse(System.Net.WebUtility.HtmlDecode(Seen().Match(shown).Groups[1].Value))!;
        }
        finally
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // A process of the browser may still write a file; the system deletes temporary files.
            }
        }
    }

    [GeneratedRegex("<pre id=\"seen\">(.+?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Seen();
}
