using System.Globalization;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Whether the text of a key has the shape of its type. Run before the binder, which stops at the first value it cannot
/// convert and does not say what it would have taken.
/// </summary>
internal static class OptionShapes
{
    public const string TimeSpanAllowed = "a time span such as 00:02:00 (hours:minutes:seconds) or 00:00:00.500";

    /// <summary>All keys of a configuration; the keys carry no section prefix.</summary>
    public static IEnumerable<OptionFailure> Check(IEnumerable<KeyValuePair<string, string?>> keys)
    {
        foreach ((string path, string? value) in keys)
        {
            if (OptionSchema.Keys.TryGetValue(path, out OptionKey? key) && value is not null)
            {
                if (key.IsList)
                {
                    yield return new OptionFailure(
                        path, key.IsSecret ? OptionFailure.Masked : value, $"a list: give its items as {key.Path}:0, {key.Path}:1, ...");
                }
                else if (WhatIsAllowed(key.Type, value) is string allowed)
                {
                    yield return new OptionFailure(path, value, allowed);
                }
            }
            else if (OptionSchema.Sections.Contains(path) && !string.IsNullOrEmpty(value))
            {
                yield return new OptionFailure(path, value, $"a section with keys below it, such as {FirstKeyBelow(path)}");
            }
        }
    }

    /// <summary>Null when the text converts.</summary>
    private static string? WhatIsAllowed(Type type, string value)
    {
        if (type == typeof(string))
        {
            return null;
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(value, out _) ? null : "true or false";
        }

        if (type == typeof(int))
        {
            return int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "a whole number";
        }

        if (type == typeof(long))
        {
            return long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "a whole number";
        }

        if (type == typeof(TimeSpan))
        {
            // A bare number would be days to the parser, which nobody who writes 120 means.
            return value.Contains(':') && TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _) ? null : TimeSpanAllowed;
        }

        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(value.Trim(), StringComparer.OrdinalIgnoreCase) ? null : string.Join(", ", Enum.GetNames(type));
        }

        throw new NotSupportedException($"An option of type {type.Name} has no check.");
    }

    private static string FirstKeyBelow(string path) =>
        OptionSchema.Keys.Keys.Where(key => OptionSchema.IsAtOrBelow(key, path)).Order(StringComparer.Ordinal).First();
}
