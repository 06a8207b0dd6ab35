using System.Globalization;
using System.Net;
using System.Text;

namespace FastGate.LoadTest.Reports;

/// <summary>A plot as inline SVG: title, axes, legend and lines. Each line has its scale as attributes, so that tests can read its points.</summary>
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
    private const int LegendWidth = 150;

    private readonly StringBuilder _svg = new();
    private readonly ValueScale _scale;
    private int _legends;

    public SvgPlot(string title, string unit, ValueScale scale)
    {
        _scale = scale;
        Add($"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{Html(title)}"><text x="0" y="14" class="title">{Html(title)}<tspan class="unit" dx="6">{Html(unit)}</tspan></text>""");
        foreach (double value in scale.Ticks)
        {
            double y = Y(value);
            Add($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y:0.##}" y2="{y:0.##}"/>""");
            Add($"""<text class="tick" text-anchor="end" x="{Left - 6}" y="{y + 4:0.##}">{value.ToString("#,0.######", CultureInfo.InvariantCulture)}</text>""");
        }
    }

    /// <param name="at">0 at the left end of the axis, 1 at the right.</param>
    /// <param name="label">The text below the axis.</param>
    public void Tick(double at, string label)
    {
        // A label at the right end must not reach out of the plot.
        bool last = at > 0.96;
        Add($"""<text class="tick" text-anchor="{(last ? "end" : "middle")}" x="{(last ? Width - 2 : X(at)):0.##}" y="{Height - 10}">{Html(label)}</text>""");
    }

    /// <summary>A vertical line with a label above.</summary>
    public void Mark(double at, string label)
    {
        double x = X(at);
        bool late = at > 0.75;
        Add($"""<line class="mark" x1="{x:0.##}" x2="{x:0.##}" y1="{Top - 13}" y2="{Top + PlotHeight}"/>""");
        Add($"""<text class="marked" text-anchor="{(late ? "end" : "start")}" x="{x + (late ? -3 : 3):0.##}" y="{Top - 5}">{Html(label)}</text>""");
    }

    public void Legend(string name, string color)
    {
        int x = Left + (_legends++ * LegendWidth);
        Add($"""<line x1="{x}" x2="{x + 16}" y1="29" y2="29" stroke="{color}" stroke-width="3"/>""");
        Add($"""<text class="legend" x="{x + 21}" y="33">{Html(name)}</text>""");
    }

    /// <param name="attributes">Attributes that tell tests what the line shows.</param>
    /// <param name="color">Its color.</param>
    /// <param name="points">Place on the horizontal axis, and value.</param>
    public void Line(string attributes, string color, IReadOnlyList<(double At, double Value)> points)
    {
        IEnumerable<string> places = points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.At):0.##},{Y(point.Value):0.###}"));
        Add($"""<polyline {attributes} data-low="{_scale.Low}" data-scale="{_scale.High}" data-axis="{(_scale.Logarithmic ? "log" : "linear")}" data-top="{Top}" data-height="{PlotHeight}" fill="none" stroke="{color}" stroke-width="1.8" stroke-linejoin="round" points="{string.Join(' ', places)}"/>""");
        if (points.Count == 1)
        {
            Add($"""<circle cx="{X(points[0].At):0.##}" cy="{Y(points[0].Value):0.##}" r="2.5" fill="{color}"/>""");
        }
    }

    public string Close()
    {
        _svg.Append("</svg>\n");
        return _svg.ToString();
    }

    public static string Html(string text) => WebUtility.HtmlEncode(text);

    private static double X(double at) => Left + (at * PlotWidth);

    private double Y(double value) => Top + (PlotHeight * (1 - _scale.Place(value)));

    private void Add(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
