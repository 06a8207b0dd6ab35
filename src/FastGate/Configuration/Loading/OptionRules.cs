using System.Globalization;
using System.Runtime.CompilerServices;

namespace FastGate.Configuration.Loading;

/// <summary>The kinds of rule the validator has; each failure carries key, value and what is allowed.</summary>
internal sealed class OptionRules
{
    private readonly List<OptionFailure> _failures = [];

    public IReadOnlyList<OptionFailure> Failures => _failures;

    /// <summary>The key is the expression itself, so that it cannot drift away from the property it names.</summary>
    public void Range(long value, long low, long high, string? note = null, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value < low || value > high)
        {
            string allowed = string.Create(CultureInfo.InvariantCulture, $"a whole number from {low:N0} to {high:N0}");
            Fail(Key(expression), value.ToString(CultureInfo.InvariantCulture), note is null ? allowed : $"{allowed} ({note})");
        }
    }

    public void Range(TimeSpan value, TimeSpan low, TimeSpan high, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value < low || value > high)
        {
            Fail(Key(expression), Text(value), $"a time span from {Text(low)} to {Text(high)}");
        }
    }

    public void Length(string value, int high, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value.Length == 0 || value.Length > high)
        {
            string shown = value.Length > 40 ? string.Concat(value.AsSpan(0, 40), "...") : value;
            Fail(Key(expression), shown, string.Create(CultureInfo.InvariantCulture, $"1 to {high:N0} characters (it has {value.Length:N0})"));
        }
    }

    public void Fail(string key, string? value, string allowed) => _failures.Add(new OptionFailure(key, value, allowed));

    private static string Text(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);

    private static string Key(string expression) => expression[(expression.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace('.', ':');
}
