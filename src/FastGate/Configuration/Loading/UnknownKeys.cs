namespace FastGate.Configuration.Loading;

/// <summary>Keys under the section that nothing reads, each with the known key that is nearest to it: mostly a slip of the pen.</summary>
internal static class UnknownKeys
{
    /// <summary>An unknown section is named once, not once for each key in it.</summary>
    public static IEnumerable<(string Key, string Nearest)> Find(IEnumerable<string> paths)
    {
        var found = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string path in paths)
        {
            if (FirstUnknown(path) is string unknown)
            {
                found.Add(unknown);
            }
        }

        return found.Select(static key => (key, Nearest(key)));
    }

    public static string Nearest(string unknown)
    {
        if (unknown.LastIndexOf(':') is > 0 and int colon && OptionSchema.Keys.TryGetValue(unknown[..colon], out OptionKey? parent))
        {
            return parent.Path;
        }

        string best = "";
        int bestDistance = int.MaxValue;
        foreach (string known in OptionSchema.Keys.Keys.Concat(OptionSchema.Sections).Concat(OptionSchema.FreeForm).Order(StringComparer.Ordinal))
        {
            // A right name in the wrong section is nearer than a wrong name in the right one.
            int distance = Math.Min(Distance(unknown, known), Distance(Last(unknown), Last(known)) + 1);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (known, distance);
            }
        }

        return best;
    }

    private static string? FirstUnknown(string path)
    {
        if (OptionSchema.Keys.ContainsKey(path) || OptionSchema.Sections.Contains(path) || OptionSchema.IsFreeForm(path) ||
            OptionSchema.ListOf(path) is not null)
        {
            return null;
        }

        for (int colon = path.IndexOf(':'); colon > 0; colon = path.IndexOf(':', colon + 1))
        {
            if (!OptionSchema.Sections.Contains(path[..colon]) && !OptionSchema.Keys.ContainsKey(path[..colon]))
            {
                return path[..colon];
            }
        }

        return path;
    }

    private static string Last(string path) => path[(path.LastIndexOf(':') + 1)..];

    /// <summary>Edits from one to the other, a swap of neighbours counting as one; case does not matter.</summary>
    private static int Distance(string a, string b)
    {
        (a, b) = (a.ToLowerInvariant(), b.ToLowerInvariant());
        int[,] rows = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                int least = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                rows[i, j] = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] ? Math.Min(least, rows[i - 2, j - 2] + 1) : least;
            }
        }

        return rows[a.Length, b.Length];
    }
}
