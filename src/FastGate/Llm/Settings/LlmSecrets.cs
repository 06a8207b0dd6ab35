namespace FastGate.Llm.Settings;

/// <summary>How secrets look where people can read them.</summary>
internal static class LlmSecrets
{
    private const int ShownTail = 4;
    private const int LongEnoughToShowTail = 16;

    /// <summary>Enough of a long key to tell two apart, nothing of a short one.</summary>
    public static string? Mask(string? secret) => secret switch
    {
        null => null,
        { Length: >= LongEnoughToShowTail } => "***" + secret[^ShownTail..],
        _ => "***",
    };

    /// <summary>An address without the user, password, query and fragment that may carry a key.</summary>
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
