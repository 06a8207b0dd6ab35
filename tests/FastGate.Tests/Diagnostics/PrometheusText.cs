using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastGate.Tests.Diagnostics;

/// <summary>A strict parser of the text format: text that it cannot parse fails the test.</summary>
internal sealed partial class PrometheusText
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    public PrometheusText(byte[] text)
    {
        string? family = null;
        Assert.Equal((byte)'\n', text[^1]);
        foreach (string line in new UTF8Encoding(false, true).GetString(text).TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] parts = line.Split(' ');
                family = parts[2];
                Assert.True(Types.TryAdd(family, parts[3]), $"{family} has two types");
            }
            else if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Helps.Add(line.Split(' ')[2], line[(line.IndexOf(' ', 7) + 1)..]);
            }
            else
            {
                Match match = Sample().Match(line);
                Assert.True(match.Success, line);
                string name = match.Groups[1].Value;
                Assert.True(name == family || (Types[family!] == "histogram" && HistogramSuffix().Replace(name, "") == family), $"{name} is listed under {family}");
                Assert.True(_samples.TryAdd(name + (match.Groups[2].Value is "{}" ? "" : match.Groups[2].Value), Value(match.Groups[3].Value)), $"{line} occurs twice");
            }
        }
    }

    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Helps { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Samples => _samples.Keys;

    public double this[string sample] => _samples[sample];

    private static double Value(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
