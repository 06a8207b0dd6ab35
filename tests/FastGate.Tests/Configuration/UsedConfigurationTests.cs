using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>Only a value that is used can stop the start; the other defects of the old server's file are one warning with their lines.</summary>
public sealed class UsedConfigurationTests
{
    private const string Good = "{type: openai, base_url: 'http://good/v1', model_name: m}";

    [Fact]
    public void Duplicate_keys_are_one_warning_and_the_last_is_used()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", $"ASR: {{a: 1}}\nserver:\n  port: 1\n  port: 28000\nTTS: {{b: 1}}\nLLM: {{Good: {Good}}}\nASR: {{a: 2}}\nTTS: {{b: 2}}\nprompt: one\nprompt: two\n");

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("0.0.0.0:28000", configuration.Current.Devices.Listen);
        Assert.Equal("two", configuration.Current.Session.Prompt);
        Assert.EndsWith(
            "config.yaml: line 1: ASR is set here and again in line 7; the last one is used; line 3: port is set here and again in line 4; the last one is used; " +
            "line 5: TTS is set here and again in line 8; the last one is used; line 9: prompt is set here and again in line 10; the last one is used",
            Assert.Single(fixture.Log.WithId(7007)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Each_file_has_its_own_warning()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string main = fixture.Write("config.yaml", "LLM:\n  A:\n    type: openai\n    url: <SOMETHING_URL>\n");
        string above = fixture.Write("data/.config.yaml", "LLM:\n  B:\n    type: telepathy\n");

        fixture.Create();

        Assert.Equal(
            [
                $"Warnings about {main}: line 4: LLM.A.url: a placeholder, which counts as not set",
                $"Warnings about {above}: line 3: LLM.B.type: type 'telepathy' is none of openai, anthropic, dify, coze, homeassistant, echo; nothing uses it",
            ],
            fixture.Log.WithId(7007));
    }

    public static TheoryData<string, string> Unused => new()
    {
        { "url: ftp://x", "LLM.Bad.url = \"ftp://x\": allowed is an http or https address; ignored, because nothing uses it" },
        { "temperature: warm", "LLM.Bad.temperature = \"warm\": allowed is a number from 0 to 2; ignored, because nothing uses it" },
        { "max_tokens: [1]", "" },
        { "type: AliBL", "LLM.Bad.type: AliBL is not supported" },
        { "colour: blue", "LLM.Bad.colour: not a setting that FastGate knows" },
        { "api_key: 你的key", "LLM.Bad.api_key: a placeholder, which counts as not set" },
    };

    [Theory]
    [MemberData(nameof(Unused))]
    public void A_provider_that_nothing_selects_never_stops_the_start(string setting, string warning)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", $"selected_module: {{LLM: Good}}\nLLM:\n  Good: {Good}\n  Bad:\n    {(setting.StartsWith("type", StringComparison.Ordinal) ? "" : "type: openai")}\n    {setting}\n");

        fixture.Create();

        Assert.Contains(warning, string.Join('\n', fixture.Log.WithId(7007)), StringComparison.Ordinal);
        Assert.Contains(warning.Length == 0 ? "" : "line 6: ", string.Join('\n', fixture.Log.WithId(7007)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("selected_module: {LLM: Bad}")]
    [InlineData("selected_module: {LLM: Good}\nllm_by_mode: {meeting: Bad}")]
    [InlineData("selected_module: {LLM: Good}\nllm_by_mode: {meeting: {alias: Bad, overrides: {temperature: 1}}}")]
    [InlineData("selected_module: {LLM: Good}\nllm_by_mode: {default: Bad}")]
    [InlineData("selected_module: {LLM: Good, Memory: short}\nMemory: {short: {type: mem_local_short, llm: Bad}}")]
    public void A_provider_that_is_selected_by_any_path_stops_the_start(string selection)
    {
        foreach (string address in (string[])["<SOMETHING_URL>", "ftp://x", "你的地址"])
        {
            using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
            fixture.Write("config.yaml", $"{selection}\nLLM:\n  Good: {Good}\n  Bad: {{type: openai, url: '{address}', model_name: m}}\n");

            string failure = Assert.Single(fixture.Failures());

            Assert.StartsWith("FastGate:Llm:Providers:Bad:url = ", failure, StringComparison.Ordinal);
            Assert.Contains("[from LLM.Bad.url, line ", failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_setting_that_an_override_replaces_is_not_used()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", "LLM:\n  A: {type: openai, url: ftp://x, model_name: m}\nllm_by_mode: {default: {alias: A, overrides: {base_url: 'http://good/v1'}}}\n");

        Assert.Equal("http://good/v1", fixture.Create().Snapshot.Llm.Resolve("chat").Settings.BaseUrl);
    }

    [Fact]
    public void Values_of_authentication_count_only_while_it_is_on()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        const string File = "server:\n  auth:\n    enabled: ENABLED\n    expire_seconds: never\n    tokens: [{token: 'two words'}]\n";
        fixture.Write("config.yaml", File.Replace("ENABLED", "no", StringComparison.Ordinal));

        Assert.Empty(fixture.Create().Current.Auth.Tokens);
        string warning = Assert.Single(fixture.Log.WithId(7007));
        Assert.Contains("line 4: server.auth.expire_seconds = \"never\": allowed is a whole number; ignored, because nothing uses it", warning, StringComparison.Ordinal);
        Assert.Contains("line 5: server.auth.tokens = \"***\"", warning, StringComparison.Ordinal);

        fixture.Write("config.yaml", File.Replace("ENABLED", "on", StringComparison.Ordinal));
        Assert.Equal(2, fixture.Failures().Count);

        fixture.Write("config.yaml", File.Replace("ENABLED", "y", StringComparison.Ordinal));
        Assert.Contains(fixture.Failures(), static failure => failure.StartsWith("FastGate:Auth:Enabled = \"y\": allowed is true or false [from server.auth.enabled, line 3", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_of_another_kind_is_ignored_with_its_line()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", "server: 8000\nprompt: [a, b]\nLLM:\n  A: openai\n  B: {type: openai}\n  b: {type: dify}\nllm_by_mode: chat\n");

        fixture.Create();

        Assert.EndsWith(
            "config.yaml: line 1: server holds no keys and is ignored; line 2: prompt holds a list where one value belongs; it is ignored; " +
            "line 4: LLM.A holds no settings and is ignored; line 6: LLM.b differs from LLM.B only in case and is ignored; line 7: llm_by_mode holds no keys and is ignored",
            Assert.Single(fixture.Log.WithId(7007)),
            StringComparison.Ordinal);
    }
}
