using System.Collections.Frozen;
using System.Text;

namespace FastGate.Conversation.Sentences;

/// <summary>The emotions that xiaozhi devices can display, and the emoji that select them.</summary>
internal static class Emotions
{
    public const string DefaultEmoji = "🙂";
    public const string DefaultEmotion = "happy";

    private static readonly FrozenDictionary<int, string> s_byRune = Build();

    /// <summary>The emotion of the first known emoji; happy if there is none.</summary>
    public static (string Emoji, string Emotion) Of(ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (s_byRune.TryGetValue(rune.Value, out string? emotion))
            {
                return (rune.ToString(), emotion);
            }
        }

        return (DefaultEmoji, DefaultEmotion);
    }

    /// <summary>True for emoji, pictographs and the invisible characters that combine them, which cannot be spoken.</summary>
    public static bool IsPictograph(Rune rune) => rune.Value is
        (>= 0x1F000 and <= 0x1FAFF) or (>= 0x2600 and <= 0x27BF) or (>= 0x2B00 and <= 0x2BFF) or (>= 0x2300 and <= 0x23FF)
        or 0x200D or 0x20E3 or 0x3030 or 0x303D or 0x3297 or 0x3299 or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE007F);

    private static FrozenDictionary<int, string> Build()
    {
        (string Emotion, string Emoji)[] faces =
        [
            ("neutral", "😶😐😑"), ("happy", "🙂😊😀😃😄😁☺🥳🎉👍"), ("laughing", "😆😹"), ("funny", "😂🤣"), ("sad", "😔😢🙁☹😞😟🥺"),
            ("angry", "😠😡🤬👿"), ("crying", "😭😿"), ("loving", "😍🥰❤💕💖🤗😻"), ("embarrassed", "😳😅"), ("surprised", "😲😮😯🤩"),
            ("shocked", "😱🤯😨"), ("thinking", "🤔🧐"), ("winking", "😉"), ("cool", "😎"), ("relaxed", "😌😇"),
            ("delicious", "🤤😋"), ("kissy", "😘😗😙😚"), ("confident", "😏💪"), ("sleepy", "😴😪🥱"), ("silly", "😜😝😛🤪"),
            ("confused", "🙄😕🤨😵"),
        ];
        return faces.SelectMany(static face => face.Emoji.EnumerateRunes().Select(rune => (rune.Value, face.Emotion)))
            .ToFrozenDictionary(static pair => pair.Value, static pair => pair.Emotion);
    }
}
