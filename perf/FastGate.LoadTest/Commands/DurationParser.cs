using System.CommandLine.Parsing;
using System.Globalization;

namespace FastGate.LoadTest.Commands;

/// <summary>"90", "90s", "250ms", "5m", "1h", "00:05:00".</summary>
internal static class DurationParser
{
    /// <summary>The sum of several fits nanoseconds in 64 bits.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1000);

    public static TimeSpan Parse(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out TimeSpan duration))
        {
            return duration;
        }

        result.AddError($"'{text}' is no duration: write 90s, 250ms, 5m or 1h.");
        return default;
    }

    public static bool TryParse(string text, out TimeSpan duration)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero && duration <= s_longest;
        }

        (string number, double seconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 0.001),
            _ when text.EndsWith('s') => (text[..^1], 1),
            _ when text.EndsWith('m') => (text[..^1], 60),
            _ when text.EndsWith('h') => (text[..^1], 3600),
            _ => (text, 1.0),
        };
        bool parsed = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * seconds <= s_longest.TotalSeconds;
        duration = parsed ? TimeSpan.FromSeconds(value * seconds) : default;
        return parsed;
    }
}
