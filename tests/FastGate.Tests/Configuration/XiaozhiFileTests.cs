using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Llm.Settings;

namespace FastGate.Tests.Configuration;

/// <summary>The files of the old server: the main file, the override file above it, and messages about either.</summary>
public sealed class XiaozhiFileTests
{
    private const string Yaml = XiaozhiConfigTests.Yaml;

    [Theory]
    [InlineData("data/.config.yaml")]
    [InlineData("old/data/.config.yaml")]
    public void The_override_file_is_merged_over_it(string place)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "old/config.yaml" };
        fixture.Write("old/config.yaml", Yaml);
        fixture.Write(place, "server:\n  port: 28000\nLLM:\n  Qwen:\n    api_key: sk-9\nexit_commands: [走了]\nprompt:\n");

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("127.0.0.1:28000", configuration.Current.Devices.Listen);
        Assert.Equal("127.0.0.1:18003", configuration.Current.Http.Listen);
        Assert.Equal("sk-9", configuration.Snapshot.Keys["Llm:Providers:Qwen:api_key"]);
        Assert.Equal("qwen-turbo", configuration.Snapshot.Keys["Llm:Providers:Qwen:model_name"]);
        Assert.Equal(["走了"], configuration.Current.Session.ExitCommands);
        Assert.Equal(new SessionOptions().Prompt, configuration.Current.Session.Prompt);
    }

    [Theory]
    [InlineData("url: http://upper/v1", "BaseUrl", "http://upper/v1")]
    [InlineData("Endpoint: http://upper/v1", "BaseUrl", "http://upper/v1")]
    [InlineData("model: upper", "Model", "upper")]
    [InlineData("timeout: 12", "Timeout", "12")]
    public void A_setting_in_the_override_file_replaces_any_spelling_of_it_in_the_main_file(string upper, string setting, string value)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", "LLM: {A: {type: openai, base_url: 'http://lower/v1', model_name: lower, timeout: {connect: 2}, api_key: k}}\n");
        fixture.Write("data/.config.yaml", $"LLM: {{A: {{{upper}}}}}\n");

        KeyValuePair<string, string?>[] set =
        [
            .. fixture.Create().Snapshot.Keys.Where(key =>
                key.Key.Split(':') is ["Llm", "Providers", "A", var name, ..] && LlmSetting.OverrideGroup(name) == LlmSetting.OverrideGroup(setting)),
        ];

        Assert.Equal(value, Assert.Single(set).Value);
        Assert.Equal("k", fixture.Create().Snapshot.Keys["Llm:Providers:A:api_key"]);
    }

    [Fact]
    public void The_override_file_alone_is_a_configuration()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "data/.config.yaml" };
        fixture.Write("data/.config.yaml", "server:\n  port: 28000\n");

        Assert.Equal("0.0.0.0:28000", fixture.Create().Current.Devices.Listen);
    }

    [Fact]
    public void A_bad_value_names_the_file_the_key_and_the_line()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string main = fixture.Write("config.yaml", "server:\n  port: 99999\nclose_connection_no_voice_time: soon\n");
        string above = fixture.Write("data/.config.yaml", "server:\n\n  http_port: http\n");

        IReadOnlyList<string> failures = fixture.Failures();

        Assert.Equal(3, failures.Count);
        Assert.Contains(failures, failure => failure.StartsWith(
            "FastGate:Devices:Listen = \"0.0.0.0:99999\": allowed is address:port", StringComparison.Ordinal)
            && failure.EndsWith($" [from server.port, line 2 of {main}]", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.StartsWith("FastGate:Devices:Timeouts:Idle = \"soon seconds\": allowed is a time span", StringComparison.Ordinal)
            && failure.EndsWith($" [from close_connection_no_voice_time, line 3 of {main}]", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.EndsWith($" [from server.http_port, line 3 of {above}]", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bad_explicit_value_names_no_line_of_the_yaml_file()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml", ["Devices:Timeouts:Idle"] = "soon" };
        fixture.Write("config.yaml", "close_connection_no_voice_time: 60\n");

        Assert.StartsWith("FastGate:Devices:Timeouts:Idle = \"soon\": allowed is", Assert.Single(fixture.Failures()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server:\n  port: [1,\n", "line 3")]
    [InlineData("a: b: c\n", "line 1")]
    [InlineData("server:\n\tport: 1\n", "line 2 is indented with a tab: use spaces")]
    [InlineData("server:\n  port：8000\n  ip: ::1\n", "full-width colon")]
    [InlineData("prompt: @hello\n", "put the value in line 1 in quotes")]
    [InlineData("- 1\n- 2\n", "line 1, column 1: the file must hold keys with values")]
    [InlineData("a: &a\n  b: *a\n", "line 2, column 6: *a repeats a value that contains it")]
    [InlineData("a: *b\n", "line 1, column 4: *b repeats an anchor &b that is not above it")]
    [InlineData("a: 1\n---\nb: 2\n", "line 2, column 1: a second document begins here")]
    [InlineData("a: {<<: 3}\n", "line 1, column 5: << takes a mapping")]
    public void A_broken_file_is_reported_with_its_line_and_changes_nothing(string yaml, string where)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string path = fixture.Write("config.yaml", Yaml);
        using GatewayConfiguration configuration = fixture.Create();
        GatewayOptions before = configuration.Current;
        fixture.Write("config.yaml", yaml);

        string failure = Assert.Single(configuration.Reload().Failures);

        Assert.Contains(path, failure, StringComparison.Ordinal);
        Assert.Contains(where, failure, StringComparison.Ordinal);
        Assert.Same(before, configuration.Current);
    }

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 8).Select(
            static i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        fixture.Write("config.yaml", yaml);

        Assert.Contains("more than 100000 values", Assert.Single(fixture.Failures()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_yaml_file_is_applied_after_the_next_polls()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", "llm_by_mode: {chat: A}\n");
        using GatewayConfiguration configuration = fixture.Create();
        configuration.PollFiles();
        configuration.PollFiles();
        fixture.Write("data/.config.yaml", "llm_by_mode: {chat: LongerName}\n");

        configuration.PollFiles();
        configuration.PollFiles();

        Assert.Equal("LongerName", configuration.Snapshot.Keys["Llm:ByMode:chat"]);
    }
}
