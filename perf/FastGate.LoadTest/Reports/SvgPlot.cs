using System.Globalization;
using System.Net;
using System.Text;

namespace FastGate.LoadTest.Reports;

/// <summary>One line of a plot; a null leaves a gap.</summary>
/// <param name="Key">Its key in the samples of the JSON.</param>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Color">Color of the line.</param>
/// <param name="Values">One value per sample.</param>
internal sealed record SvgSeries(string Key, string Name, string Color, IReadOnlyList<double?> Values);

/// <summary>Lines over time as inline SVG. Each line has its scale as an attribute, so that tests can read its points.</summary>
internal sealed class SvgPlot
{
    private const int Width = 560;
    private const int Height = 252;
    private const int Left = 58;
    private const int Right = 14;
    private const int Top = 58;
    private const int Bottom = 30;
    private const int PlotWidth = Width - Left - Right;
    private const int PlotHeight = Height - Top - Bottom;

    private readonly StringBuilder _svg = new();
    private readonly IReadOnlyList<double> _seconds;
    private readonly double _start;
    private readonly double _end;

    private SvgPlot(IReadOnlyList<double> seconds)
    {
        _seconds = seconds;
        _start = 0;
        _end = Math.Max(seconds.Count == 0 ? 1 : seconds[^1], 0.001);
    }

    public static string Render(
        string title, string unit, IReadOnlyList<double> seconds, IReadOnlyList<SvgSeries> series, IReadOnlyList<MarkReport> marks)
    {
        var plot = new SvgPlot(seconds);
        double most = series.SelectMany(line => line.Values).Max() ?? 0;
        double step = NiceStep(most / 4);
        double top = Math.Max(Math.Ceiling(most * 1.04 / step), 1) * step;
        plot.Open(title, unit);
        plot.Grid(step, top);
        plot.Marks(marks);
        for (int i = 0; i < series.Count; i++)
        {
            plot.Legend(series[i], i);
            plot.Line(series[i], top);
        }

        plot._svg.Append("</svg>\n");
        return plot._svg.ToString();
    }

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    internal static double NiceStep(double least)
    {
        if (least <= 0)
        {
            return 1;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double digit = least / power;
        return Math.Round((digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power, 9);
    }

    private void Open(string title, string unit) => Add(
        $"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{Html(title)}"><text x="0" y="14" class="title">{Html(title)}<tspan class="unit" dx="6">{Html(unit)}</tspan></text>""");

    private void Grid(double step, double top)
    {
        for (double value = 0; value <= top + (step / 2); value += step)
        {
            double y = Y(value, top);
            Add($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y:0.##}" y2="{y:0.##}"/>""");
            Add($"""<text class="tick" text-anchor="end" x="{Left - 6}" y="{y + 4:0.##}">{Math.Round(value, 9).ToString("#,0.######", CultureInfo.InvariantCulture)}</text>""");
        }

        double timeStep = NiceStep((_end - _start) / 6);
        for (double at = 0; at <= _end; at += timeStep)
        {
            Add($"""<text class="tick" text-anchor="middle" x="{X(at):0.##}" y="{Height - 10}">{Math.Round(at, 3):0.###} s</text>""");
        }
    }

    private void Marks(IReadOnlyList<MarkReport> marks)
    {
        foreach (MarkReport mark in marks.Where(mark => mark.Seconds <= _end))
        {
            double x = X(mark.Seconds);
            bool late = x > Left + (PlotWidth * 0.75);
            Add($"""<line class="mark" x1="{x:0.##}" x2="{x:0.##}" y1="{Top - 13}" y2="{Top + PlotHeight}"/>""");
            Add($"""<text class="marked" text-anchor="{(late ? "end" : "start")}" x="{x + (late ? -3 : 3):0.##}" y="{Top - 5}">{Html(mark.Label)}</text>""");
        }
    }

    private void Legend(SvgSeries series, int index)
    {
        int x = Left + (index * 150);
        Add($"""<line x1="{x}" x2="{x + 16}" y1="29" y2="29" stroke="{series.Color}" stroke-width="3"/>""");
        Add($"""<text class="legend" x="{x + 21}" y="33">{Html(series.Name)}</text>""");
    }

    private void Line(SvgSeries series, double top)
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
                IEnumerable<string> points = Enumerable.Range(i, length)
                    .Select(at => string.Create(CultureInfo.InvariantCulture, $"{X(_seconds[at]):0.##},{Y(series.Values[at]!.Value, top):0.###}"));
                Add($"""<polyline data-series="{Html(series.Key)}" data-first="{i}" data-scale="{top}" data-top="{Top}" data-height="{PlotHeight}" fill="none" stroke="{series.Color}" stroke-width="1.8" stroke-linejoin="round" points="{string.Join(' ', points)}"/>""");
                if (length == 1)
                {
                    Add($"""<circle cx="{X(_seconds[i]):0.##}" cy="{Y(series.Values[i]!.Value, top):0.##}" r="2.5" fill="{series.Color}"/>""");
                }
            }

            i += length + 1;
        }
    }

    private double X(double seconds) => Left + ((seconds - _start) / (_end - _start) * PlotWidth);

    private static double Y(double value, double top) => Top + (PlotHeight * (1 - (value / top)));

    private void Add(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
