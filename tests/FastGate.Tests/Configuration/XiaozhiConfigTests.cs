using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Timers;

namespace FastGate.Tests.Configuration;

/// <summary>The old server's config.yaml, read as FastGate's keys.</summary>
public sealed class XiaozhiConfigTests
{
    internal const string Yaml = """
        server:
          ip: 127.0.0.1
          port: 18000
          http_port: 18003
          websocket: ws://你的ip或者域名:端口号/xiaozhi/v1/
          vision_explain: http://127.0.0.1:18003/mcp/vision/explain
          timezone_offset: +8
          auth_key: fleet-key
          auth:
            enabled: true
            expire_seconds: 86400
            tokens:
              - token: static-one
                name: kitchen
              - token: static-two
            allowed_devices:
              - "24:0A:C4:1D:3B:F0"
        log:
          log_level: INFO
        close_connection_no_voice_time: 90
        tts_timeout: 10
        exit_commands:
          - 退出
          - 下线
        wakeup_words: ["你好小智", "嘿小智"]
        manager-api:
          url: http://127.0.0.1:8002/xiaozhi
          secret: console-secret
        prompt: |
          你是小智，一个测试用的助手。
          说话要短。
        end_prompt:
          enable: true
          prompt: 说再见。
        system_error_response: 稍等一下。
        selected_module:
          VAD: SileroVAD
          ASR: FunASR
          LLM: Qwen
          TTS: EdgeTTS
          Memory: mem_local_short
        Memory:
          nomem:
            type: nomem
          mem_local_short:
            type: mem_local_short
            llm: Summary
        LLM:
          Defaults: &defaults
            type: openai
            temperature: 0.7
          Qwen:
            <<: *defaults
            base_url: https://llm.example/v1
            model_name: qwen-turbo
            api_key: sk-1
            timeout:
              connect: 2
          Summary:
            type: openai
            url: http://127.0.0.1:11434/v1
            model_name: small
            api_key: 你的api_key
        llm_by_mode:
          default: Qwen
          meeting:
            alias: Summary
            overrides:
              temperature: 0.2
          coding:
            module: Qwen
            max_tokens: 300
        TTS:
          EdgeTTS:
            voice: zh-CN
        """;

    [Fact]
    public void Its_keys_become_options()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", Yaml);

        GatewayConfiguration configuration = fixture.Create();
        GatewayOptions options = configuration.Current;

        Assert.Equal("127.0.0.1:18000", options.Devices.Listen);
        Assert.Equal("127.0.0.1:18003", options.Http.Listen);
        Assert.Null(options.Http.WebSocketUrl);
        Assert.Equal("http://127.0.0.1:18003/mcp/vision/explain", options.Vision.Url);
        Assert.Equal(TimeSpan.FromHours(8), options.Http.TimezoneOffset);
        Assert.Equal(TimeSpan.FromSeconds(90), options.Devices.Timeouts.Idle);
        Assert.True(options.Auth.Enabled);
        Assert.Equal("fleet-key", options.Auth.Key);
        Assert.Equal(86_400, options.Auth.ExpireSeconds);
        Assert.Equal(["static-one", "static-two"], options.Auth.Tokens);
        Assert.Equal(["24:0A:C4:1D:3B:F0"], options.Auth.AllowedDevices);
        Assert.Equal("console-secret", options.Management.Secret);
        Assert.StartsWith("你是小智，一个测试用的助手。\n", options.Session.Prompt, StringComparison.Ordinal);
        Assert.Equal(["你好小智", "嘿小智"], options.Session.WakeupWords);
        Assert.Equal(["退出", "下线"], options.Session.ExitCommands);
        Assert.Equal("说再见。", options.Session.EndPrompt);
        Assert.Equal("稍等一下。", options.Session.SystemErrorResponse);
        Assert.Equal("Qwen", options.Llm.Default);
        Assert.Equal(MemoryProviderKind.Sqlite, options.Memory.Provider);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-0.5")]
    public void An_idle_time_of_zero_or_less_switches_idle_closing_off(string seconds)
    {
        // 78/xiaozhi-esp32#1481.
        using var yaml = new ConfigurationFixture { ["Config"] = "config.yaml" };
        yaml.Write("config.yaml", Yaml.Replace("close_connection_no_voice_time: 90", $"close_connection_no_voice_time: {seconds}", StringComparison.Ordinal));
        using var option = new ConfigurationFixture { ["Devices:Timeouts:Idle"] = seconds == "-0.5" ? "-00:00:00.500" : seconds };

        Assert.Equal(TimerEntry.Never, new ConnectionTimeouts(yaml.Create().Current.Devices.Timeouts).IdleMs);
        Assert.Equal(TimerEntry.Never, new ConnectionTimeouts(option.Create().Current.Devices.Timeouts).IdleMs);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("no")]
    [InlineData("Off")]
    public void A_goodbye_message_that_is_disabled_there_is_disabled_here(string word)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", Yaml.Replace("enable: true", $"enable: {word}", StringComparison.Ordinal));

        SessionOptions session = fixture.Create().Current.Session;

        Assert.False(session.Goodbye);
        Assert.Equal(new SessionOptions().EndPrompt, session.EndPrompt);
    }

    [Fact]
    public void Its_language_models_keep_their_spelling_and_lose_their_placeholders()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", Yaml);

        IReadOnlyDictionary<string, string?> llm = fixture.Create().Snapshot.Keys;

        Assert.Equal("openai", llm["Llm:Providers:Qwen:Type"]);
        Assert.Equal("0.7", llm["Llm:Providers:Qwen:temperature"]);
        Assert.Equal("https://llm.example/v1", llm["Llm:Providers:Qwen:base_url"]);
        Assert.Equal("qwen-turbo", llm["Llm:Providers:Qwen:model_name"]);
        Assert.Equal("2", llm["Llm:Providers:Qwen:timeout:connect"]);
        Assert.Equal("http://127.0.0.1:11434/v1", llm["Llm:Providers:Summary:url"]);
        Assert.Null(fixture.Create().Snapshot.Llm.Resolve("memory").Settings.ApiKey);
        Assert.Equal("Qwen", llm["Llm:ByMode:default"]);
        Assert.Equal("Summary", llm["Llm:ByMode:meeting:alias"]);
        Assert.Equal("0.2", llm["Llm:ByMode:meeting:overrides:temperature"]);
        Assert.Equal("300", llm["Llm:ByMode:coding:max_tokens"]);
        Assert.Equal("Summary", llm["Llm:ByMode:memory"]);
    }

    [Fact]
    public void Keys_without_a_meaning_here_are_listed_once()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", Yaml);

        using GatewayConfiguration configuration = fixture.Create();
        fixture["Session:Greeting"] = "two";
        configuration.Reload();

        string line = Assert.Single(fixture.Log.WithId(7001));
        Assert.EndsWith("config.yaml that FastGate does not use: log (line 18), tts_timeout (line 21), Memory.nomem (line 43)", line, StringComparison.Ordinal);
        string lost = Assert.Single(fixture.Log.WithId(7006));
        Assert.EndsWith(
            "config.yaml: the configuration of the management console: manager-api.url (line 27)",
            lost,
            StringComparison.Ordinal);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, fixture.Log.Lines.Single(static line => line.Id == 7006).Level);
        Assert.Empty(fixture.Log.WithId(7000));
    }

    [Fact]
    public void Explicit_keys_win_and_replace_lists_and_modes_as_a_whole()
    {
        using var fixture = new ConfigurationFixture
        {
            ["Config"] = "config.yaml",
            ["Devices:Listen"] = "127.0.0.1:1",
            ["Session:WakeupWords:0"] = "嘿",
            ["Llm:ByMode:meeting"] = "Qwen",
            ["Llm:Providers:Qwen:ApiKey"] = "sk-2",
            ["Llm:Providers:Qwen:Model"] = "qwen-max",
            ["Llm:Providers:Summary:BaseUrl"] = "http://127.0.0.1:1/v1",
        };
        fixture.Write("config.yaml", Yaml);

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("127.0.0.1:1", configuration.Current.Devices.Listen);
        Assert.Equal(["嘿"], configuration.Current.Session.WakeupWords);
        IReadOnlyDictionary<string, string?> llm = configuration.Snapshot.Keys;
        Assert.Equal("Qwen", llm["Llm:ByMode:meeting"]);
        Assert.False(llm.ContainsKey("Llm:ByMode:meeting:alias"));
        Assert.Equal("sk-2", llm["Llm:Providers:Qwen:ApiKey"]);
        Assert.False(llm.ContainsKey("Llm:Providers:Qwen:api_key"));
        Assert.False(llm.ContainsKey("Llm:Providers:Qwen:model_name"));
        Assert.Equal("https://llm.example/v1", llm["Llm:Providers:Qwen:base_url"]);
        Assert.False(llm.ContainsKey("Llm:Providers:Summary:url"));
    }

    [Fact]
    public void Keys_of_a_memory_that_nothing_reads_are_listed()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", "selected_module: {Memory: mine}\nMemory: {mine: {type: mem0ai, llm: Big, api_key: k, limit: 3}, powermem: {type: p}}\n");

        fixture.Create();

        Assert.EndsWith(
            "that FastGate does not use: Memory.mine.api_key (line 2), Memory.mine.limit (line 2), Memory.powermem (line 2)",
            Assert.Single(fixture.Log.WithId(7001)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_auth_key_tokens_are_signed_with_the_manager_api_secret()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", "server:\n  auth_key: 你的key\n  auth: {enabled: true, expire_seconds: -1}\nmanager-api:\n  secret: s\n");

        AuthOptions auth = fixture.Create().Current.Auth;

        Assert.Equal("s", auth.Key);
        Assert.Equal(new AuthOptions().ExpireSeconds, auth.ExpireSeconds);
    }

    [Theory]
    [InlineData("selected_module: {Memory: nomem}", MemoryProviderKind.None)]
    [InlineData("selected_module: {Memory: mine}\nMemory: {mine: {type: nomem}}", MemoryProviderKind.None)]
    [InlineData("selected_module: {Memory: mem0ai}", MemoryProviderKind.Sqlite)]
    [InlineData("Memory: {nomem: {type: nomem}}", MemoryProviderKind.Sqlite)]
    [InlineData("", MemoryProviderKind.Sqlite)]
    public void Every_memory_type_except_nomem_becomes_the_embedded_store(string yaml, object expected)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", yaml);

        Assert.Equal(expected, fixture.Create().Current.Memory.Provider);
    }

}
