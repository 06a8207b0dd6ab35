using System.Text.RegularExpressions;

namespace FastGate.Configuration.Validation;

/// <summary>Whether a text is still what a template wrote where the operator's own value belongs. Such a value counts as not set.</summary>
internal static partial class PlaceholderText
{
    public static bool Is(string? text) => text is not null &&
        (Whole().IsMatch(text) || Prose().IsMatch(text) || Variable().IsMatch(text) || (text.Contains("://", StringComparison.Ordinal) && Address().IsMatch(text)));

    /// <summary><c>&lt;API_KEY&gt;</c>, <c>your-api-key</c>, <c>sk-your-key</c>, <c>xxx</c>, <c>sk-xxxx</c>, <c>***</c>, <c>sk-...</c>.</summary>
    [GeneratedRegex(
        @"^\s*(?:<[^<>]*>|(?:[a-z]{1,5}[-_]){0,2}(?:(?:put|insert|enter)[-_ ])?your(?:[-_. ].*|_?(?:api_?)?(?:key|token|secret)\d*)|(?:[a-z]{1,5}[-_]){0,2}(?:x{3,}(?:[-_.]x+)*|\*{3,}|\.{3,}|…+))\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    /// <summary>The words of Chinese templates for "your own", "fill in" and "replace".</summary>
    [GeneratedRegex("你的|你自己|您的|请填|请输入|请替换|填写|填入|替换为|替换成")]
    private static partial Regex Prose();

    /// <summary>A variable of the environment that is not set, so that nothing has replaced it.</summary>
    [GeneratedRegex(@"\$\{[A-Za-z_][A-Za-z0-9_]*\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"<[^<>]+>|://your[-_.]|://x{3,}(?:[./:]|$)|你", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
