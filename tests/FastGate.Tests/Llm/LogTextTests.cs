using FastGate.Llm.Failures;

namespace FastGate.Tests.Llm;

/// <summary>Texts of providers are safe for a log line.</summary>
public sealed class LogTextTests
{
    private const string Key = "Qx7-of-the-provider";

    [Theory]
    [InlineData("the key Qx7-of-the-provider is wrong", 100, "the key *** is wrong")]
    [InlineData("Qx7-of-the-provider,Qx7-of-the-provider", 100, "***,***")]
    [InlineData("see https://user:pw@host/ for more", 100, "see https://***@host/ for more")]
    [InlineData("wrong: Qx7-of-the-provider", 12, "wrong: ***")]
    [InlineData("a\r\nb", 100, "a  b")]
    public void Known_keys_passwords_and_control_characters_are_not_in_the_text(string text, int length, string shown) =>
        Assert.Equal(shown, LogText.Shorten(text, length, Key));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the")]
    public void Short_secret_hides_no_ordinary_words(string? secret) => Assert.Equal("in the end", LogText.Shorten("in the end", 100, secret));

    [Fact]
    public void Failure_keeps_its_kind_without_the_key()
    {
        var failure = new LlmException(LlmFailure.Refused, $"no account for {Key}") { Status = 401, RetryAfter = TimeSpan.FromSeconds(3) };

        LlmException clean = failure.Without(Key);

        Assert.Equal(("no account for ***", LlmFailure.Refused, 401, TimeSpan.FromSeconds(3)), (clean.Message, clean.Failure, clean.Status, clean.RetryAfter!.Value));
        Assert.Null(clean.InnerException);
        Assert.Same(clean, clean.Without(Key));
    }
}
