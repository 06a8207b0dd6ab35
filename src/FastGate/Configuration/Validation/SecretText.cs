using System.Text.RegularExpressions;

namespace FastGate.Configuration.Validation;

/// <summary>Hides secrets in texts for logs, answers and reports.</summary>
internal static partial class SecretText
{
    /// <summary>The text with the user and the password of every address in it hidden, also where the address is not valid.</summary>
    public static string WithoutUserInfo(string text) =>
        text.Contains("://", StringComparison.Ordinal) ? UserInfo().Replace(text, OptionFailure.Masked) : text;

    // Up to the last "@". After a colon it may be behind a slash: a password that should have been escaped.
    [GeneratedRegex(@"(?<=://)[^/\s]*(?::\S*)?(?=@)")]
    private static partial Regex UserInfo();
}
