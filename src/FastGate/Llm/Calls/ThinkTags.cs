using System.Buffers;

namespace FastGate.Llm.Calls;

/// <summary>The tags with which models mark their reasoning, where a server leaves them in the text.</summary>
internal static class ThinkTags
{
    /// <summary>Characters of a tag with attributes. Longer text is no tag.</summary>
    public const int MaxLength = 64;

    /// <summary>Only the first character of a tag is one of these.</summary>
    public static readonly SearchValues<char> Begins = SearchValues.Create("<[◁");

    private static readonly string[] s_names = ["think", "thinking", "thought", "reasoning", "seed:think"];

    private static readonly (string Text, ThinkTag Tag)[] s_fixed =
    [
        ("[THINK]", ThinkTag.Start), ("[/THINK]", ThinkTag.End),
        ("◁think▷", ThinkTag.Start), ("◁/think▷", ThinkTag.End),
        ("<|begin_of_thought|>", ThinkTag.Start), ("<|end_of_thought|>", ThinkTag.End),
        ("<|START_THINKING|>", ThinkTag.Start), ("<|END_THINKING|>", ThinkTag.End),
        // The header of a channel is not spoken; only the body of the channel "final" is.
        ("<|start|>", ThinkTag.Start), ("<|channel|>", ThinkTag.Start), ("<|message|>", ThinkTag.Body),
        ("<|end|>", ThinkTag.Ignored), ("<|return|>", ThinkTag.Ignored), ("<|im_end|>", ThinkTag.Ignored), ("<|endoftext|>", ThinkTag.Ignored),
    ];

    public static ThinkTag Match(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength)
        {
            return ThinkTag.None;
        }

        foreach ((string tag, ThinkTag kind) in s_fixed)
        {
            if (tag.AsSpan().StartsWith(text, StringComparison.Ordinal))
            {
                return text.Length == tag.Length ? kind : ThinkTag.Partial;
            }
        }

        return text[0] == '<' ? MatchNamed(text) : ThinkTag.None;
    }

    /// <summary>A tag such as &lt;think&gt;, in any case, with attributes or white space after the name.</summary>
    private static ThinkTag MatchNamed(ReadOnlySpan<char> text)
    {
        bool ends = text.Length > 1 && text[1] == '/';
        ReadOnlySpan<char> name = text[(ends ? 2 : 1)..];
        foreach (string known in s_names)
        {
            if (known.AsSpan().StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return ThinkTag.Partial;
            }

            if (!name.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            ReadOnlySpan<char> rest = name[known.Length..];
            if ((rest[0] is '>' or '/' || char.IsWhiteSpace(rest[0])) && !rest.Contains('<'))
            {
                return rest[^1] != '>' ? ThinkTag.Partial : ends ? ThinkTag.End : rest is [.., '/', '>'] ? ThinkTag.Ignored : ThinkTag.Start;
            }
        }

        return ThinkTag.None;
    }
}
