using System.Globalization;

namespace FastGate.LoadTest.Reports;

/// <summary>
/// The percentile curve of a latency, as HdrHistogram draws it: each power of ten of the horizontal axis is one more nine of the
/// percentile. The last point is the maximum.
/// </summary>
internal static class PercentilePlot
{
    private const double MostPercent = 99.999999;

    /// <param name="name">The latency.</param>
    /// <param name="curves">Key in the JSON, name, color and points of each curve.</param>
    public static string Render(string name, IReadOnlyList<(string Key, string Name, string Color, IReadOnlyList<PercentileReport> Points)> curves)
    {
        var plot = new SvgPlot("Percentiles: " + name, "ms", ValueScale.Log(curves.SelectMany(static curve => curve.Points).Select(static point => point.Ms)));
        double end = curves.Max(static curve => Place(curve.Points, curve.Points.Count - 1));
        for (int nines = 0; nines <= end; nines++)
        {
            plot.Tick(nines / end, (100 * (1 - Math.Pow(10, -nines))).ToString("0.######", CultureInfo.InvariantCulture) + " %");
        }

        foreach ((string key, string title, string color, IReadOnlyList<PercentileReport> points) in curves)
        {
            plot.Legend(title, color);
            plot.Line($"data-curve=\"{key}\"", color, [.. points.Select((point, i) => (Place(points, i) / end, point.Ms))]);
        }

        return plot.Close();
    }

    /// <summary>The number of nines. The maximum has no finite place; it is drawn one step after the last percentile.</summary>
    private static double Place(IReadOnlyList<PercentileReport> points, int index) => points[index].Percent <= MostPercent
        ? -Math.Log10(1 - (points[index].Percent / 100))
        : index == 0 ? 1 : Place(points, index - 1) + (Math.Log10(2) / 2);
}
