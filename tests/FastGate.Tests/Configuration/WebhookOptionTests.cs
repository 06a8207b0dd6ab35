namespace FastGate.Tests.Configuration;

/// <summary>The URLs and keys of webhooks. Neither is shown: the path of a URL may be a secret.</summary>
public sealed class WebhookOptionTests
{
    [Theory]
    [InlineData("ftp://receiver.example/")]
    [InlineData("receiver.example/hook")]
    [InlineData("https://user:password@receiver.example/")]
    public void Url_is_absolute_and_has_no_password(string url)
    {
        using var fixture = new ConfigurationFixture { ["Webhooks:TurnFinished:0"] = url, ["Webhooks:Secrets:0"] = "secret" };

        Assert.Equal(
            "FastGate:Webhooks:TurnFinished:0 = \"***\": allowed is an absolute http:// or https:// URL without user name and password",
            Assert.Single(fixture.Failures()));
    }

    [Theory]
    [InlineData("All")]
    [InlineData("Connected")]
    [InlineData("Registered")]
    [InlineData("Disconnected")]
    [InlineData("TurnFinished")]
    public void Url_needs_a_key(string list)
    {
        using var fixture = new ConfigurationFixture { [$"Webhooks:{list}:0"] = "https://receiver.example/hook" };

        string failure = Assert.Single(fixture.Failures());
        Assert.Contains("FastGate:Webhooks:Secrets", failure, StringComparison.Ordinal);
        Assert.Contains("at least one key", failure, StringComparison.Ordinal);
        fixture["Webhooks:Secrets:0"] = "secret";
        Assert.Equal("secret", Assert.Single(fixture.Create().Current.Webhooks.Secrets));
    }
}
