using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

public sealed class PartialWordsTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", " .", true)]
    [InlineData("hello you", "Hello, you!", true)]
    [InlineData("今天天气怎么样", "今天天气怎么样？", true)]
    [InlineData("hello", "hello you", false)]
    [InlineData("hello you", "hello", false)]
    [InlineData("hello", "", false)]
    [InlineData("hello", "hallo", false)]
    public void Case_and_punctuation_make_no_other_words(string one, string other, bool same)
    {
        Assert.Equal(same, PartialWords.AreSame(one, other));
        Assert.Equal(same, PartialWords.AreSame(other, one));
    }
}
