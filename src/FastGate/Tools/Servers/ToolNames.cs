namespace FastGate.Tools.Servers;

/// <summary>Names that every provider accepts: letters, digits, '_' and '-', at most 64.</summary>
internal static class ToolNames
{
    public const int MaxLength = 64;

    /// <summary>
    /// One name for each tool, in order. A name that two tools share after the change gets the name of its server in front, and a number where that is
    /// not enough.
    /// </summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<(string Server, string Tool)> tools)
    {
        string[] plain = [.. tools.Select(static tool => Fit(tool.Tool))];
        var count = plain.CountBy(static name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        HashSet<string> used = new(plain.Where(name => count[name] == 1), StringComparer.Ordinal);
        string[] names = new string[plain.Length];
        for (int i = 0; i < plain.Length; i++)
        {
            names[i] = count[plain[i]] == 1 ? plain[i] : Unused(used, Fit($"{tools[i].Server}_{plain[i]}"));
        }

        return names;
    }

    public static string Fit(string name) => string.Create(
        Math.Clamp(name.Length, 1, MaxLength),
        name.Length > 0 ? name : "_",
        static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(source[i]) || source[i] is '_' or '-' ? source[i] : '_';
            }
        });

    private static string Unused(HashSet<string> used, string name)
    {
        string candidate = name;
        for (int number = 2; !used.Add(candidate); number++)
        {
            string suffix = FormattableString.Invariant($"_{number}");
            candidate = (name.Length + suffix.Length > MaxLength ? name[..(MaxLength - suffix.Length)] : name) + suffix;
        }

        return candidate;
    }
}
