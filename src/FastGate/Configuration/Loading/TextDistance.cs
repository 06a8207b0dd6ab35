namespace FastGate.Configuration.Loading;

/// <summary>Finds the name that a mistyped one was meant to be.</summary>
internal static class TextDistance
{
    /// <summary>Characters to insert, remove or replace to make one text of the other, without regard to case.</summary>
    public static int Edits(string from, string to)
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

    /// <summary>The nearest candidate, or null when even that one differs in more than a third of its characters.</summary>
    public static string? Nearest(string text, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => Edits(text, candidate)) is string nearest && Edits(text, nearest) <= Math.Max(2, nearest.Length / 3) ? nearest : null;
}
