namespace FastGate.Conversation.Tools;

/// <summary>Names of tools that every provider accepts: letters, digits, '_' and '-', at most 64.</summary>
internal static class ToolName
{
    public const int MaxLength = 64;

    /// <summary>Replaces every other character and cuts the rest.</summary>
    public static string Fit(string name) => name.Length == 0 ? "tool" : string.Create(Math.Min(name.Length, MaxLength), name, static (fit, name) =>
    {
        for (int i = 0; i < fit.Length; i++)
        {
            fit[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '_' or '-' ? name[i] : '_';
        }
    });

    /// <summary>Adds the name to those in use, with a number behind it where it is taken.</summary>
    public static string Claim(HashSet<string> used, string name)
    {
        string candidate = name;
        for (int number = 2; !used.Add(candidate); number++)
        {
            string suffix = FormattableString.Invariant($"_{number}");
            candidate = string.Concat(name.AsSpan(0, Math.Min(name.Length, MaxLength - suffix.Length)), suffix);
        }

        return candidate;
    }
}
