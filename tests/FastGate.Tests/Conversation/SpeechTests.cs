using FastGate.Conversation.Sentences;
using FastGate.Llm.Calls;

namespace FastGate.Tests.Conversation;

/// <summary>Removal of what cannot be spoken; emotions; token estimates.</summary>
public sealed class SpeechTests
{
    [Theory]
    [InlineData("今天**天气**很*好*！", "今天天气很好！")]
    [InlineData("## 标题", "标题")]
    [InlineData("- 第一项", "第一项")]
    [InlineData("* 第一项", "第一项")]
    [InlineData("> 引用 `code` 完", "引用 code 完")]
    [InlineData("看[这里](http://a.b/c?d)吧", "看这里吧")]
    [InlineData("![图](http://a/b.png)好", "图好")]
    [InlineData("3 * 4 = 12", "3 * 4 = 12")]
    [InlineData("2*3 和 snake_case", "2*3 和 snake_case")]
    [InlineData("~~删除~~ 20~30度", "删除 20~30度")]
    [InlineData("| 甲 | 乙 |", "甲 乙")]
    [InlineData("|---|---|", "")]
    [InlineData("---", "")]
    [InlineData("```csharp", "")]
    [InlineData("😊好的👍🏽！", "好的！")]
    [InlineData("👨‍👩‍👧 一家人❤️", "一家人")]
    [InlineData("😂🤣", "")]
    [InlineData("。", "")]
    [InlineData("a   b\t c", "a b c")]
    [InlineData("1️⃣ 第一", "1 第一")]
    [InlineData("𠮷野家", "𠮷野家")]
    public void Markup_and_emoji_are_removed(string piece, string expected) => Assert.Equal(expected, SpeechText.Clean(piece));

    [Fact]
    public void Half_a_surrogate_pair_is_dropped() => Assert.Equal("好", SpeechText.Clean("\ud83d好"));

    [Theory]
    [InlineData("你好", "🙂", "happy")]
    [InlineData("🤔让我想想😂", "🤔", "thinking")]
    [InlineData("🌧下雨了😔", "😔", "sad")]
    [InlineData("😍", "😍", "loving")]
    [InlineData("😴困", "😴", "sleepy")]
    [InlineData("", "🙂", "happy")]
    public void First_known_emoji_selects_the_emotion(string text, string emoji, string emotion) => Assert.Equal((emoji, emotion), Emotions.Of(text));

    [Fact]
    public void Every_emotion_of_a_device_is_reachable()
    {
        string[] known =
        [
            "neutral", "happy", "laughing", "funny", "sad", "angry", "crying", "loving", "embarrassed", "surprised", "shocked", "thinking", "winking",
            "cool", "relaxed", "delicious", "kissy", "confident", "sleepy", "silly", "confused",
        ];
        IEnumerable<string> reachable = "😶🙂😆😂😔😠😭😍😳😲😱🤔😉😎😌🤤😘😏😴😜🙄".EnumerateRunes().Select(static rune => Emotions.Of(rune.ToString()).Emotion);
        Assert.Equal(known, reachable);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("你好世界", 4)]
    [InlineData("abcdefgh", 2)]
    [InlineData("你好 ab", 3)]
    public void Tokens_are_estimated(string text, int tokens) => Assert.Equal(tokens, TokenEstimate.Of(text));
}
