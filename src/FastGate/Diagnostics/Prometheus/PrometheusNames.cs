using System.Globalization;
using System.Text;

namespace FastGate.Diagnostics.Prometheus;

/// <summary>Instrument names, units, tags and values in the spelling of the Prometheus text format.</summary>
internal static class PrometheusNames
{
    /// <summary><c>fastgate.loop.wait</c> in <c>s</c> becomes <c>fastgate_loop_wait_seconds</c>; a counter ends in <c>_total</c>.</summary>
    public static string Metric(string name, string? unit, MetricKind kind)
    {
        string metric = Sanitize(name, allowColon: true);
        string suffix = unit switch
        {
            null or "" => "",
            "s" => "seconds",
            "ms" => "milliseconds",
            "us" => "microseconds",
            "ns" => "nanoseconds",
            "By" => "bytes",
            "%" => "percent",
            "1" => kind == MetricKind.Gauge ? "ratio" : "",
            // An annotation such as {connection} says what is counted; the name says it already.
            ['{', ..] => "",
            _ => Sanitize(unit, allowColon: false),
        };
        string bare = kind == MetricKind.Counter && metric.EndsWith("_total", StringComparison.Ordinal) ? metric[..^"_total".Length] : metric;
        if (suffix.Length > 0 && !bare.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            bare += "_" + suffix;
        }

        return kind == MetricKind.Counter ? bare + "_total" : bare;
    }

    public static string Label(string name) => Sanitize(name, allowColon: false);

    public static void AppendLabelValue(StringBuilder text, string value)
    {
        foreach (char c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(c),
            };
        }
    }

    public static string Help(string help) =>
        help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string Value(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Sanitize(string name, bool allowColon)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (char c in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' || (allowColon && c == ':') ? c : '_');
        }

        if (text.Length == 0 || char.IsAsciiDigit(text[0]))
        {
            text.Insert(0, '_');
        }

        return text.ToString();
    }
}
