using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Whether the text of a key converts to its type. Checked before binding, because the binder stops at the first value that does not convert
/// and does not say what is allowed.
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
                string? allowed = key.IsList ? $"a list: give its items as {key.Path}:0, {key.Path}:1, ..." : Allowed(key.Type, value);
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

    /// <summary>What is allowed instead; null when the text converts.</summary>
    private static string? Allowed(Type type, string value)
    {
        if (type == typeof(bool))
        {
            return bool.TryParse(value, out _) ? null : "true or false";
        }

        if (type == typeof(int) || type == typeof(long))
        {
            bool fits = long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) && (type == typeof(long) || number == (int)number);
            return fits ? null : "a whole number";
        }

        if (type == typeof(TimeSpan))
        {
            // The parser reads a number without a colon as days; someone who writes 120 means seconds. Zero and less have one meaning in any unit.
            bool hasUnit = value.Contains(':') || (long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) && number <= 0);
            return hasUnit && TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _)
                ? null
                : "a time span such as 00:02:00 (hours:minutes:seconds) or 00:00:00.500";
        }

        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(value.Trim(), StringComparer.OrdinalIgnoreCase) ? null : string.Join(", ", Enum.GetNames(type));
        }

        return type == typeof(string) ? null : throw new NotSupportedException($"An option of type {type.Name} has no check.");
    }

    private static string Failure(string path, string? value, string allowed) => OptionFailure.Text($"{GatewayOptions.Section}:{path}", value, allowed);

    private static string FirstKeyBelow(string path) =>
        OptionSchema.Keys.Keys.Where(key => OptionPath.IsAtOrBelow(key, path)).Order(StringComparer.Ordinal).First();
}
