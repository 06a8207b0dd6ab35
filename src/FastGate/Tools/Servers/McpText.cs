using System.Text;
using ModelContextProtocol.Protocol;

namespace FastGate.Tools.Servers;

/// <summary>What a server's result says to the model. A model reads text only, and not more than a bound.</summary>
internal static class McpText
{
    public const int MaxDescription = 1_024;

    /// <summary>Characters of one result: about 4,000 tokens.</summary>
    public const int MaxResult = 16_384;

    private const string Truncated = " [truncated]";

    public static string Of(CallToolResult result)
    {
        var text = new StringBuilder();
        foreach (ContentBlock block in result.Content)
        {
            if (text.Length > MaxResult)
            {
                break;
            }

            string part = block switch
            {
                TextContentBlock words => words.Text,
                EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
                ResourceLinkBlock link => link.Uri,
                _ => $"[{block.Type}]",
            };
            text.Append(text.Length > 0 ? "\n" : "").Append(part.AsSpan(0, Math.Min(part.Length, MaxResult + 1)));
        }

        if (text.Length == 0 && result.StructuredContent is { } structured)
        {
            text.Append(structured.ToString());
        }

        return text.Length <= MaxResult ? text.ToString() : Cut(text.ToString(), MaxResult) + Truncated;
    }

    public static string Cut(string? text, int length) => text is null ? ""
        : text.Length <= length ? text
        : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
