namespace FastGate.Configuration.Loading;

/// <summary>Keys of the section that nothing reads, each with the nearest known key: most are typos.</summary>
internal static class UnknownKeys
{
    private static readonly string[] s_known =
        [.. OptionSchema.Keys.Keys.Concat(OptionSchema.Sections).Concat(OptionSchema.FreeForm).Order(StringComparer.Ordinal)];

    /// <summary>An unknown section is reported once, not once for each key in it.</summary>
    public static IEnumerable<(string Key, string Nearest)> Find(IEnumerable<string> paths) => paths
        .Select(FirstUnknown)
        .OfType<string>()
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Order(StringComparer.OrdinalIgnoreCase)
        .Select(static key => (key, Nearest(key)));

    /// <summary>The list or value that the key is below, else the key with the fewest edits; a right name in the wrong section is one edit.</summary>
    public static string Nearest(string unknown) =>
        unknown.LastIndexOf(':') is > 0 and int colon && OptionSchema.Keys.TryGetValue(unknown[..colon], out OptionKey? parent)
            ? parent.Path
            : s_known.MinBy(known => Math.Min(Edits(unknown, known), Edits(Name(unknown), Name(known)) + 1))!;

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

    /// <summary>Characters to insert, remove or replace to make one text of the other, without regard to case.</summary>
    private static int Edits(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1);
                (diagonal, row[j]) = (row[j], Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1));
            }
        }

        return row[^1];
    }
}
