using FastGate.Configuration.Loading;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Yaml;

namespace FastGate.Tests.Configuration;

/// <summary>Scalars as PyYAML reads them; the expected values are PyYAML's own.</summary>
public sealed class YamlValueTests
{
    [Theory]
    [InlineData("yes", true)]
    [InlineData("Yes", true)]
    [InlineData("YES", true)]
    [InlineData("no", false)]
    [InlineData("NO", false)]
    [InlineData("on", true)]
    [InlineData("On", true)]
    [InlineData("off", false)]
    [InlineData("OFF", false)]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("FALSE", false)]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("0x0", false)]
    [InlineData("y", null)]
    [InlineData("N", null)]
    [InlineData("yEs", null)]
    [InlineData("enabled", null)]
    public void A_boolean_is_one_of_the_words_of_yaml(string text, bool? expected) => Assert.Equal(expected, YamlValues.Boolean(text));

    [Theory]
    [InlineData("8000", "8000")]
    [InlineData("8_000", "8000")]
    [InlineData("+8", "8")]
    [InlineData("-1", "-1")]
    [InlineData("-1_0", "-10")]
    [InlineData("017", "15")]
    [InlineData("0o17", "0o17")]
    [InlineData("018", "018")]
    [InlineData("0x1F", "31")]
    [InlineData("0b1_01", "5")]
    [InlineData("1:30", "90")]
    [InlineData("-1:30:00", "-5400")]
    [InlineData("1:60", "1:60")]
    [InlineData("0:30", "0:30")]
    [InlineData("1_000.5", "1000.5")]
    [InlineData("-.5", "-.5")]
    [InlineData(".5", ".5")]
    [InlineData("1.5e+3", "1.5e+3")]
    [InlineData("1e3", "1e3")]
    [InlineData("0", "0")]
    [InlineData("00", "0")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("qwen2.5", "qwen2.5")]
    public void A_number_is_written_in_decimal(string text, string expected) => Assert.Equal(expected, YamlValues.Number(text));

    [Theory]
    [InlineData("<API_KEY>")]
    [InlineData("<你的密钥>")]
    [InlineData("你的api_key")]
    [InlineData("请填写密钥")]
    [InlineData("your-api-key")]
    [InlineData("YOUR_API_KEY")]
    [InlineData("your api key here")]
    [InlineData("sk-your-key")]
    [InlineData("yourkey")]
    [InlineData("xxx")]
    [InlineData("XXXXXX")]
    [InlineData("sk-xxx")]
    [InlineData("sk-xxxxxxxxxxxx")]
    [InlineData("app-xxxx")]
    [InlineData("sk-ant-xxxx")]
    [InlineData("sk-proj-your-key")]
    [InlineData("xxxx-xxxx-xxxx")]
    [InlineData("sk-...")]
    [InlineData("***")]
    [InlineData("http://<ip>:8000/v1")]
    [InlineData("https://your-host/v1")]
    [InlineData("ws://你的ip或者域名:端口号/xiaozhi/v1/")]
    [InlineData("${OPENAI_API_KEY}")]
    public void A_placeholder_counts_as_not_set(string text) => Assert.True(PlaceholderText.Is(text));

    [Theory]
    [InlineData("sk-0123456789abcdef")]
    [InlineData("sk-xxa")]
    [InlineData("xx")]
    [InlineData("none")]
    [InlineData("EMPTY")]
    [InlineData("lm-studio")]
    [InlineData("https://api.yours.example/v1")]
    [InlineData("qwen3:8b")]
    [InlineData("a<b")]
    [InlineData("youre-welcome")]
    public void Another_text_is_no_placeholder(string text) => Assert.False(PlaceholderText.Is(text));

    [Fact]
    public void Variables_of_the_environment_are_filled_in()
    {
        string name = $"FASTGATE_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(name, "sk-from-environment");
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write(
            "config.yaml",
            $$"""
            server:
              port: ${FASTGATE_NEVER_SET:-28000}
              auth: {enabled: "${FASTGATE_NEVER_SET:-yes}", expire_seconds: "${FASTGATE_NEVER_SET}"}
              auth_key: "a-${{{name}}}-b"
            prompt: 你好，${FASTGATE_NEVER_SET}。
            """);

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("0.0.0.0:28000", configuration.Current.Devices.Listen);
        Assert.True(configuration.Current.Auth.Enabled);
        Assert.Equal("a-sk-from-environment-b", configuration.Current.Auth.Key);
        Assert.Equal("你好，${FASTGATE_NEVER_SET}。", configuration.Current.Session.Prompt);
        Assert.EndsWith(
            "config.yaml: line 3: the environment variable FASTGATE_NEVER_SET is not set; " +
            "line 3: server.auth.expire_seconds: a placeholder, which counts as not set; line 5: the environment variable FASTGATE_NEVER_SET is not set",
            Assert.Single(fixture.Log.WithId(7007)),
            StringComparison.Ordinal);
    }
}
