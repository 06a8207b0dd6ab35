using System.Text.RegularExpressions;

namespace FastGate.Speech.Recognition;

/// <summary>Words as recognisers write them.</summary>
internal static partial class RecognizedText
{
    /// <summary>Without the marks for language, emotion and event that SenseVoice models write before the words, such as <c>&lt;|zh|&gt;</c>.</summary>
    public static string Clean(string? text) => text is null ? "" : Mark().Replace(text, "").Trim();

    [GeneratedRegex(@"<\|[^|<>]{0,40}\|>")]
    private static partial Regex Mark();
}
