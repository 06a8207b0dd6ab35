namespace FastGate.Configuration.Validation;

/// <summary>The text for one value that cannot be used: its key, the value and what is allowed.</summary>
internal static class OptionFailure
{
    /// <summary>Replaces a secret, which must never reach a log.</summary>
    public const string Masked = "***";

    private const string AfterKey = " = \"";

    public static string Text(string key, string? value, string allowed) => $"{key}{AfterKey}{value}\": allowed is {allowed}";

    /// <summary>The key of a text, without the section at its head.</summary>
    public static string KeyOf(string text, string section)
    {
        int end = text.IndexOf(AfterKey, StringComparison.Ordinal);
        return end > section.Length ? text[(section.Length + 1)..end] : "";
    }
}
