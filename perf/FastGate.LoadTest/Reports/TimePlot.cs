using System.Globalization;

namespace FastGate.LoadTest.Reports;

/// <summary>Figures of the samples over the time of the run.</summary>
internal static class TimePlot
{
    public static string Render(
        string title, string unit, bool logarithmic, IReadOnlyList<double> seconds, IReadOnlyList<SvgSeries> series, IReadOnlyList<MarkReport> marks)
    {
        IEnumerable<double> values = series.SelectMany(static line => line.Values).OfType<double>();
        var plot = new SvgPlot(title, unit, logarithmic ? ValueScale.Log(values) : ValueScale.Linear(values));
        double end = Math.Max(seconds.Count == 0 ? 1 : seconds[^1], 0.001);
        double step = ValueScale.NiceStep(end / 6);
        for (double at = 0; at <= end; at += step)
        {
            plot.Tick(at / end, Math.Round(at, 3).ToString("0.### s", CultureInfo.InvariantCulture));
        }

        foreach (MarkReport mark in marks.Where(mark => mark.Seconds <= end))
        {
            plot.Mark(mark.Seconds / end, mark.Label);
        }

        foreach (SvgSeries line in series)
        {
            plot.Legend(line.Name, line.Color);
            Draw(plot, line, seconds, end);
        }

        return plot.Close();
    }

    /// <summary>Draws one line for each run of values without a gap.</summary>
    private static void Draw(SvgPlot plot, SvgSeries series, IReadOnlyList<double> seconds, double end)
    {
        for (int i = 0; i < series.Values.Count;)
        {
            int length = 0;
            while (i + length < series.Values.Count && series.Values[i + length] is not null)
            {
                length++;
            }

            if (length > 0)
            {
                plot.Line(
                    string.Create(CultureInfo.InvariantCulture, $"data-series=\"{SvgPlot.Html(series.Key)}\" data-first=\"{i}\""),
                    series.Color,
                    [.. Enumerable.Range(i, length).Select(at => (seconds[at] / end, series.Values[at]!.Value))]);
            }

            i += length + 1;
        }
    }
}
