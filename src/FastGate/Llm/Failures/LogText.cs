using System.Text.RegularExpressions;
using FastGate.Llm.Settings;

namespace FastGate.Llm.Failures;

/// <summary>Makes external text safe for a log line.</summary>
internal static partial class LogText
{
    private const string Masked = "***";
    private const int ShortestSecret = 4;

    /// <summary>Replaces control characters, which could forge lines or colours.</summary>
    public static string Clean(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();

    /// <summary>Cleans the text, masks these secrets and what looks like a key, and cuts it to <paramref name="length"/> characters.</summary>
    public static string Shorten(string text, int length, params ReadOnlySpan<string?> secrets)
    {
        string clean = Mask(Clean(Without(text.Length > 8 * length ? text[..(8 * length)] : text, secrets)));
        return clean.Length <= length ? clean : string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[length - 1]) ? length - 1 : length), "...");
    }

    /// <summary>Masks what looks like a key, and the password of an address.</summary>
    public static string Mask(string text) => Secret().Replace(LlmSecrets.WithoutUserInfo(text), Masked);

    /// <summary>Masks the secrets that the reader of a reply knows: a server may repeat the key that it was called with.</summary>
    public static string Without(string text, params ReadOnlySpan<string?> secrets)
    {
        foreach (string? secret in secrets)
        {
            // A shorter one is part of ordinary words.
            text = secret is { Length: >= ShortestSecret } ? text.Replace(secret, Masked, StringComparison.Ordinal) : text;
        }

        return text;
    }

    // "sk-..." and its relatives, bearer tokens, and values of parameters whose name says key, token, secret or password.
    [GeneratedRegex("""\b(?:sk|pk|ak|key|app|pat)[-_][A-Za-z0-9_\-*]{6,}|(?<=\bBearer\s+)\S+|(?<=(?:key|token|secret|password)["']?\s?[:=]\s?["']?)[A-Za-z0-9_\-.*]{6,}""", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
