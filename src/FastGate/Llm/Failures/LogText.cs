using System.Text.RegularExpressions;

namespace FastGate.Llm.Failures;

/// <summary>Makes external text safe for a log line.</summary>
internal static partial class LogText
{
    /// <summary>Replaces control characters, which could forge lines or colours.</summary>
    public static string Clean(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();

    /// <summary>Cleans the text, masks what looks like a key, and cuts it to <paramref name="length"/> characters.</summary>
    public static string Shorten(string text, int length)
    {
        string clean = Secret().Replace(Clean(text.Length > 8 * length ? text[..(8 * length)] : text), "***");
        return clean.Length <= length ? clean : string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[length - 1]) ? length - 1 : length), "...");
    }

    // "sk-..." and its relatives, bearer tokens, and values of parameters whose name says key, token, secret or password.
    [GeneratedRegex("""\b(?:sk|pk|ak|key|app|pat)[-_][A-Za-z0-9_\-*]{6,}|(?<=\bBearer\s+)\S+|(?<=(?:key|token|secret|password)["']?\s?[:=]\s?["']?)[A-Za-z0-9_\-.*]{6,}""", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
