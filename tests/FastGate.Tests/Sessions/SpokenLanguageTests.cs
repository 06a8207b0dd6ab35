using System.Text;
using FastGate.Configuration.Options;
using FastGate.Sessions;
using FastGate.Testing;

namespace FastGate.Tests.Sessions;

/// <summary>The language of a header and of words.</summary>
public sealed class SpokenLanguageTests
{
    [Theory]
    [InlineData("zh-CN", SessionLanguage.Zh)]
    [InlineData("ZH_tw", SessionLanguage.Zh)]
    [InlineData("yue", SessionLanguage.Zh)]
    [InlineData("en-US", SessionLanguage.En)]
    [InlineData("en", SessionLanguage.En)]
    [InlineData("en-US,en;q=0.9,zh-CN;q=0.8", SessionLanguage.En)]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", SessionLanguage.Zh)]
    [InlineData("en;q=0.2, zh;q=0.7", SessionLanguage.Zh)]
    [InlineData(" zh ; q=0.5 ,\ten ; q=0.6", SessionLanguage.En)]
    [InlineData("zh;q=0, en;q=0.1", SessionLanguage.En)]
    [InlineData("de-DE, zh;q=0.3", SessionLanguage.Zh)]
    [InlineData("ja-JP", SessionLanguage.En)]
    [InlineData("de,fr;q=0.5", SessionLanguage.En)]
    [InlineData("en;q=oops, zh;q=0.1", SessionLanguage.Zh)]
    [InlineData("en;q=NaN", SessionLanguage.Auto)]
    [InlineData("en;level=1", SessionLanguage.Auto)]
    [InlineData("*", SessionLanguage.Auto)]
    [InlineData("", SessionLanguage.Auto)]
    [InlineData(",;,;q=,", SessionLanguage.Auto)]
    [InlineData("enough-words", SessionLanguage.Auto)]
    public void Header_names_the_preferred_of_both_languages(string header, object expected) =>
        Assert.Equal(expected, SpokenLanguage.OfHeader(Encoding.UTF8.GetBytes(header)));

    [Theory]
    [InlineData("你好", SessionLanguage.Zh)]
    [InlineData("帮我打开 Netflix", SessionLanguage.Zh)]
    [InlineData("𠮷", SessionLanguage.Zh)]
    [InlineData("hello there", SessionLanguage.En)]
    [InlineData("What does 你好 mean?", SessionLanguage.En)]
    [InlineData("Don't", SessionLanguage.En)]
    [InlineData("wie wäre es", SessionLanguage.En)]
    [InlineData("OK 好", SessionLanguage.Zh)]
    [InlineData("今日は天気", SessionLanguage.Auto)]
    [InlineData("안녕하세요", SessionLanguage.Auto)]
    [InlineData("привет", SessionLanguage.Auto)]
    [InlineData("12:30 🙂 ？", SessionLanguage.Auto)]
    [InlineData("", SessionLanguage.Auto)]
    public void Words_tell_by_their_script(string words, object expected) => Assert.Equal(expected, SpokenLanguage.OfWords(words));

    [Fact]
    public void Any_bytes_are_read_without_an_exception_or_an_allocation()
    {
        var random = new Random(9);
        byte[] alphabet = "zhen-_,;q=0.195* \t\xFF"u8.ToArray();
        byte[] header = new byte[64];
        Assert.Equal(0, Allocations.Of(() =>
        {
            Span<byte> part = header.AsSpan(0, random.Next(header.Length));
            random.GetItems(alphabet, part);
            Assert.True(SpokenLanguage.OfHeader(part) is SessionLanguage.Auto or SessionLanguage.Zh or SessionLanguage.En);
        }, times: 10_000));
    }
}
