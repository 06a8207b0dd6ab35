namespace FastGate.Configuration.Validation;

/// <summary>The text for one value that cannot be used: its key, the value and what is allowed.</summary>
internal static class OptionFailure
{
    /// <summary>Replaces a secret, which must never reach a log.</summary>
    public const string Masked = "***";

    private const string AfterKey = " = \"";

    /// <summary>A value may be an address with a password.</summary>
    public static string Text(string key, string? value, string allowed) =>
        $"{key}{AfterKey}{(value is null ? "" : SecretText.WithoutUserInfo(value))}\": allowed is {allowed}";

    /// <summary>The key of a text; empty for a text of another form.</summary>
    public static string KeyOf(string text) => text.IndexOf(AfterKey, StringComparison.Ordinal) is > 0 and var end ? text[..end] : "";
}
