using FastGate.Configuration.Validation;

namespace FastGate.Tests.Configuration;

/// <summary>Passwords in addresses are hidden in every text.</summary>
public sealed class SecretTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("no address: a@b", "no address: a@b")]
    [InlineData("https://host.example/path?x=1", "https://host.example/path?x=1")]
    [InlineData("https://host.example:8443/npm/@scope/name", "https://***@scope/name")]
    [InlineData("https://host.example/npm/@scope/name", "https://host.example/npm/@scope/name")]
    [InlineData("https://user@host.example/", "https://***@host.example/")]
    [InlineData("https://user:pw@host.example/", "https://***@host.example/")]
    [InlineData("https://:pw@host.example/", "https://***@host.example/")]
    [InlineData("ftp://user:p@w@host", "ftp://***@host")]
    [InlineData("postgres://user:p/w?x#y@host/db", "postgres://***@host/db")]
    [InlineData("https://user:p'\"w@host/", "https://***@host/")]
    [InlineData("first http://a:b@c/ then \"ws://d:e@f/\"", "first http://***@c/ then \"ws://***@f/\"")]
    public void User_and_password_of_an_address_are_hidden(string text, string shown) => Assert.Equal(shown, SecretText.WithoutUserInfo(text));

    [Theory]
    [InlineData("wss://user:hunter2@gateway:8443/xiaozhi/v1/?x=1", "wss://gateway:8443/xiaozhi/v1/?x=1")]
    [InlineData("https://gateway/explain?mail=a@b", "https://gateway/explain?mail=a@b")]
    [InlineData("ws://gateway:8000/xiaozhi/v1/", "ws://gateway:8000/xiaozhi/v1/")]
    public void Address_for_devices_has_no_user_and_password(string configured, string given) => Assert.Equal(given, WebAddress.Public(configured));

    [Fact]
    public void Password_of_a_refused_address_is_not_in_the_reason()
    {
        using var fixture = new ConfigurationFixture();
        fixture["Telemetry:Endpoint"] = "ftp://user:hunter2@collector";
        fixture["Vision:Url"] = "http//user:pw";
        fixture["Http:WebSocketUrl"] = "http://user:hunter2@gateway/";
        fixture["Session:Language"] = "https://user:hunter2@h/";
        fixture["Speech:Tts:Providers:voice:BaseUrl"] = "ftp://user:hunter2@h/";
        fixture["Mcp:Servers:remote:Url"] = "ftp://user:hunter2@h/";

        string failures = string.Join('\n', fixture.Failures());

        Assert.Contains("FastGate:Telemetry:Endpoint = \"ftp://***@collector\"", failures, StringComparison.Ordinal);
        Assert.Contains("FastGate:Session:Language = \"https://***@h/\"", failures, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failures, StringComparison.Ordinal);
    }
}
