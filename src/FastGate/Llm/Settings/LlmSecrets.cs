using FastGate.Configuration.Validation;

namespace FastGate.Llm.Settings;

/// <summary>How secrets are shown to people.</summary>
internal static class LlmSecrets
{
    private const int ShownTail = 4;
    private const int LongEnoughToShowTail = 16;

    /// <summary>
    /// The end of a long key, to distinguish two of them; nothing of a short one, or of a connection string, which may end in a short password.
    /// </summary>
    public static string? Mask(string? secret) => secret switch
    {
        null => null,

        // A connection string is long, and its end may be all of a short password.
        _ when secret.Contains(';') || secret.Contains("password", StringComparison.OrdinalIgnoreCase) => "***",
        { Length: >= LongEnoughToShowTail } => "***" + secret[^ShownTail..],
        _ => "***",
    };

    /// <summary>A text of others without the user and the password of the addresses in it.</summary>
    public static string WithoutUserInfo(string text) => SecretText.WithoutUserInfo(text);

    /// <summary>An address without its user, password, query and fragment, which may contain a key.</summary>
    public static string? MaskUrl(string? url)
    {
        if (url is null)
        {
            return null;
        }

        return Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Host.Length > 0
            ? parsed.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
            : "(not an address)";
    }
}
