using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Converts the text of a key to its type, and says what is allowed where it does not convert.
/// </summary>
internal static class OptionShapes
{
    /// <summary>The keys, without the section's name, whose text does not convert, and why.</summary>
    public static IEnumerable<(string Key, string Failure)> Check(IEnumerable<KeyValuePair<string, string?>> keys)
    {
        foreach ((string path, string? value) in keys)
        {
            if (OptionSchema.Keys.TryGetValue(path, out OptionKey? key) && value is not null)
            {
                string? allowed = key.IsList ? $"a list: give its items as {key.Path}:0, {key.Path}:1, ..."
                    : Convert(key.Type, value) is null ? Allowed(key.Type) : null;
                if (allowed is not null)
                {
                    yield return (path, Failure(path, key.IsSecret ? OptionFailure.Masked : value, allowed));
                }
            }
            else if (OptionSchema.Sections.Contains(path) && !string.IsNullOrEmpty(value))
            {
                yield return (path, Failure(path, value, $"a section with keys below it, such as {FirstKeyBelow(path)}"));
            }
        }
    }

    /// <summary>The value of a text; null when the text does not convert.</summary>
    public static object? Convert(Type type, string text)
    {
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(text, out bool truth) ? truth : null;
        }

        if (type == typeof(int))
        {
            return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : null;
        }

        if (type == typeof(long))
        {
            return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? number : null;
        }

        if (type == typeof(TimeSpan))
        {
            // The parser reads a number without a colon as days; someone who writes 120 means seconds. Zero and less have one meaning in any unit.
            bool hasUnit = text.Contains(':') || (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) && number <= 0);
            return hasUnit && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span) ? span : null;
        }

        // By name only: a number is not accepted for an enumeration.
        return Array.Find(NamesOf(type), name => name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse(type, known) : null;
    }

    private static string Allowed(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(TimeSpan) ? "a time span such as 00:02:00 (hours:minutes:seconds) or 00:00:00.500"
        : string.Join(", ", NamesOf(type));

    private static string[] NamesOf(Type type) =>
        type.IsEnum ? Enum.GetNames(type) : throw new NotSupportedException($"An option of type {type.Name} has no conversion.");

    private static string Failure(string path, string? value, string allowed) => OptionFailure.Text($"{GatewayOptions.Section}:{path}", value, allowed);

    private static string FirstKeyBelow(string path) =>
        OptionSchema.Keys.Keys.Where(key => OptionPath.IsAtOrBelow(key, path)).Order(StringComparer.Ordinal).First();
}
