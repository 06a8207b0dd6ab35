namespace FastGate.Configuration.Loading;

/// <summary>Keys of the section that nothing reads, each with the nearest known key: most are typos.</summary>
internal static class UnknownKeys
{
    /// <summary>Sorted only when a key is unknown.</summary>
    private static readonly Lazy<string[]> s_known = new(static () =>
        [.. OptionSchema.Keys.Keys.Concat(OptionSchema.Sections).Concat(OptionSchema.FreeForm).Order(StringComparer.Ordinal)]);

    /// <summary>An unknown section is reported once, not once for each key in it.</summary>
    public static IEnumerable<UnknownKey> Find(IEnumerable<string> paths) => paths
        .Select(FirstUnknown)
        .OfType<string>()
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Order(StringComparer.OrdinalIgnoreCase)
        .Select(static key => new UnknownKey(key, Nearest(key)));

    public static bool Contains(string path) => FirstUnknown(path) is not null;

    /// <summary>
    /// The list or value that the key is below, else the key with the fewest edits; a key that begins with the unknown one is one edit away. A right
    /// name in the wrong section comes after those.
    /// </summary>
    public static string Nearest(string unknown) =>
        unknown.LastIndexOf(':') is > 0 and int colon && OptionSchema.Keys.TryGetValue(unknown[..colon], out OptionKey? parent)
            ? parent.Path
            : s_known.Value.MinBy(known => known.StartsWith(unknown, StringComparison.OrdinalIgnoreCase) ? 2 : Math.Min(2 * TextDistance.Edits(unknown, known), (2 * TextDistance.Edits(Name(unknown), Name(known))) + 3))!;

    private static string? FirstUnknown(string path)
    {
        if (IsKnown(path) || OptionSchema.IsFreeForm(path) || OptionSchema.ListOf(path) is not null || SecretFiles.SecretOf(path) is not null)
        {
            return null;
        }

        string[] parts = path.Split(':');
        return Enumerable.Range(1, parts.Length).Select(length => string.Join(':', parts.Take(length))).First(start => start == path || !IsKnown(start));
    }

    private static bool IsKnown(string path) => OptionSchema.Keys.ContainsKey(path) || OptionSchema.Sections.Contains(path);

    private static string Name(string path) => path[(path.LastIndexOf(':') + 1)..];
}
