using FastGate.Conversation.Sentences;

namespace FastGate.Tests.Conversation;

public sealed class SentenceSplitterTests
{
    [Theory]
    [InlineData("你好。今天天气很好！你呢？", "你好。|今天天气很好！|你呢？")]
    [InlineData("你好，我是小智，很高兴，认识你。", "你好，|我是小智，很高兴，认识你。")]
    [InlineData("嗯，好的。", "嗯，好的。")]
    [InlineData("Hello, world. How are you? Fine!", "Hello,| world.| How are you?| Fine!")]
    [InlineData("It is 3.14 today. Yes.", "It is 3.14 today.| Yes.")]
    [InlineData("一共1,000.50元。好", "一共1,000.50元。|好")]
    [InlineData("See https://a.b/c?d=e.f!x for more. Bye", "See https://a.b/c?d=e.f!x for more.| Bye")]
    [InlineData("Fruit e.g. apples and i.e. pears. Done", "Fruit e.g. apples and i.e. pears.| Done")]
    [InlineData("Mr. Smith met Dr. J. Lee. They left", "Mr. Smith met Dr. J. Lee.| They left")]
    [InlineData("1. first\n2. second\n", "1. first\n|2. second\n")]
    [InlineData("他说：“走吧。”然后走了。", "他说：|“走吧。”|然后走了。")]
    [InlineData("真的吗？！好……吧。", "真的吗？！|好……|吧。")]
    [InlineData("Wait... what?! OK", "Wait...| what?!| OK")]
    [InlineData("版本是2.0。用file.txt吧", "版本是2.0。|用file.txt吧")]
    [InlineData("时间10:30，到了。", "时间10:30，|到了。")]
    [InlineData("第一行\n第二行", "第一行\n|第二行")]
    [InlineData("没有标点", "没有标点")]
    [InlineData("看[甲乙，丙。丁](http://a.b/c,d)吧，好。", "看[甲乙，丙。丁](http://a.b/c,d)吧，|好。")]
    [InlineData("[甲乙，丙](http://a.b)。好", "[甲乙，丙](http://a.b)。|好")]
    [InlineData("记作[1]，然后。好", "记作[1]，|然后。|好")]
    [InlineData("甲[乙\n丙丁，戊。", "甲[乙\n|丙丁，戊。")]
    [InlineData("", "")]
    public void Text_is_split_the_same_for_every_cut_into_chunks(string text, string expected)
    {
        string whole = string.Join('|', Split([text]));
        Assert.Equal(expected, whole);
        foreach (string[] pieces in Cuts(text))
        {
            // A chunk's end may move a closing quote to another piece; the spoken words stay the same.
            Assert.Equal(Sound(expected), Sound(string.Join('|', Split(pieces))));
        }
    }

    [Theory]
    [InlineData("。")]
    [InlineData("！")]
    [InlineData("\n")]
    public void Chinese_mark_ends_a_sentence_at_once(string mark)
    {
        var splitter = new SentenceSplitter();
        splitter.Append("第一句" + mark);
        Assert.True(splitter.TryTake(out string? sentence));
        Assert.Equal("第一句" + mark, sentence);
        splitter.Append("”，然后");
        Assert.False(splitter.TryTake(out _));
    }

    [Theory]
    [InlineData(10, "这是一段没有任何标点的文字一直说下去没有尽头")]
    [InlineData(10, "words without any mark at all going on")]
    [InlineData(7, "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷")]
    public void Text_without_marks_is_cut_at_the_maximum_length_and_never_inside_a_surrogate_pair(int max, string text)
    {
        var splitter = new SentenceSplitter(max);
        splitter.Append(text);
        splitter.End();
        var pieces = new List<string>();
        while (splitter.TryTake(out string? piece))
        {
            Assert.True(piece.Length <= max);
            Assert.False(char.IsHighSurrogate(piece[^1]));
            pieces.Add(piece);
        }

        Assert.Equal(text, string.Concat(pieces));
    }

    [Fact]
    public void No_text_is_lost()
    {
        var random = new Random(7);
        const string Alphabet = "你好，。！？ab1.,!? \n“”…：e.g";
        for (int round = 0; round < 2_000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            Assert.Equal(Letters(text), Letters(string.Concat(Split([text]))));
            Assert.Equal(Letters(text), Letters(string.Concat(Split(text.Select(static c => c.ToString())))));
        }
    }

    private static IEnumerable<string[]> Cuts(string text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            yield return [text[..i], text[i..]];
        }

        yield return text.Select(static c => c.ToString()).ToArray();
    }

    private static List<string> Split(IEnumerable<string> chunks)
    {
        var splitter = new SentenceSplitter();
        var pieces = new List<string>();
        foreach (string chunk in chunks)
        {
            splitter.Append(chunk);
            while (splitter.TryTake(out string? piece))
            {
                pieces.Add(piece);
            }
        }

        splitter.End();
        while (splitter.TryTake(out string? piece))
        {
            pieces.Add(piece);
        }

        return pieces;
    }

    private static string Sound(string text) => string.Concat(text.Where(static c => char.IsLetterOrDigit(c) || c is '|')).Trim('|');

    private static string Letters(string text) => string.Concat(text.Where(char.IsLetterOrDigit));
}
