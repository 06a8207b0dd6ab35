using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using FastGate.Auth;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Hosting;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Protocol.Handshake;
using FastGate.Testing;
using FastGate.Tests.Configuration;
using FastGate.Tools.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Hosting;

/// <summary>
/// Every key either needs a restart or is applied by a reload. Each live key is changed under running rooms, and the value is read back from the
/// room that uses it.
/// </summary>
public sealed class ConfigurationReloadTests : IDisposable
{
    /// <summary>For each live key: the key to set, its new value, and the value that the room then has.</summary>
    private static readonly Dictionary<string, (string Set, string Value, Func<ConfigurationReloadTests, object?> Read, object Expected)> s_live = new()
    {
        ["Auth:AllowedDevices"] = ("Auth:AllowedDevices:0", "aa:bb", static rooms => rooms._auth.Rules.Allowed.Count, 1),
        ["Auth:Enabled"] = ("Auth:Enabled", "true", static rooms => rooms._auth.Rules.Enabled, true),
        ["Auth:ExpireSeconds"] = ("Auth:ExpireSeconds", "60", static rooms => rooms._auth.Rules.ExpireSeconds, 60L),
        ["Auth:Key"] = ("Auth:Key", "secret", static rooms => Encoding.UTF8.GetString(rooms._auth.Rules.Key), "secret"),
        ["Auth:Ota"] = ("Auth:Ota", "Known", static rooms => rooms._auth.Rules.Ota, OtaAccess.Known),
        ["Auth:Tokens"] = ("Auth:Tokens:0", "token", static rooms => rooms._auth.Rules.TokenHashes.Length, 1),
        ["Devices:AllowedOrigins"] = ("Devices:AllowedOrigins:0", "http://app.example", static rooms => rooms.Allows("app.example", host: "gate.example"), true),
        ["Http:PublicHosts"] = ("Http:PublicHosts:0", "voice.example", static rooms => rooms.Allows("gate.example", host: "gate.example"), false),
        ["Devices:Rates:Connections"] = ("Devices:Rates:Connections", "7", static rooms => rooms._harness.Limits.Settings.Connections, 7),
        ["Devices:Rates:Handshakes"] = ("Devices:Rates:Handshakes", "7", static rooms => rooms._harness.Limits.Settings.Handshakes, 7),
        ["Devices:Rates:ConnectsPerSecond"] = ("Devices:Rates:ConnectsPerSecond", "10", static rooms => rooms._harness.Limits.Settings.Connects.IntervalUs, 100_000L),
        ["Devices:Rates:AllConnectsPerSecond"] = ("Devices:Rates:AllConnectsPerSecond", "10", static rooms => rooms._harness.Limits.Settings.AllConnects.IntervalUs, 100_000L),
        ["Devices:Rates:LongestWait"] = ("Devices:Rates:LongestWait", "00:00:01", static rooms => rooms._harness.Limits.Settings.LongestWaitMs, 1_000),
        ["Devices:Rates:FailuresPerMinute"] = ("Devices:Rates:FailuresPerMinute", "60", static rooms => rooms._harness.Limits.Settings.Failures.IntervalUs, 1_000_000L),
        ["Devices:Rates:DeviceConnectsPerMinute"] = ("Devices:Rates:DeviceConnectsPerMinute", "60", static rooms => rooms._harness.Limits.Settings.DeviceConnects.IntervalUs, 1_000_000L),
        ["Devices:Rates:BanTime"] = ("Devices:Rates:BanTime", "00:00:07", static rooms => rooms._harness.Limits.Settings.BanTime, TimeSpan.FromSeconds(7)),
        ["Devices:Rates:MessagesPerSecond"] = ("Devices:Rates:MessagesPerSecond", "7", static rooms => rooms._harness.Limits.Settings.Input.MessagesPerSecond, 7),
        ["Devices:Rates:BytesPerSecond"] = ("Devices:Rates:BytesPerSecond", "7", static rooms => rooms._harness.Limits.Settings.Input.BytesPerSecond, 7),
        ["Devices:Rates:Exempt"] = ("Devices:Rates:Exempt:0", "198.51.100.7", static rooms => rooms._harness.Limits.Settings.IsExempt(0xFFFF_C633_6407), true),
        ["Devices:Timeouts:Close"] = ("Devices:Timeouts:Close", "00:00:01", static rooms => rooms._harness.Services.Timeouts.CloseMs, 1_000L),
        ["Devices:Timeouts:Handshake"] = ("Devices:Timeouts:Handshake", "00:00:01", static rooms => rooms._harness.Services.Timeouts.HandshakeMs, 1_000L),
        ["Devices:Timeouts:Hello"] = ("Devices:Timeouts:Hello", "00:00:01", static rooms => rooms._harness.Services.Timeouts.HelloMs, 1_000L),
        ["Devices:Timeouts:Idle"] = ("Devices:Timeouts:Idle", "00:00:01", static rooms => rooms._harness.Services.Timeouts.IdleMs, 1_000L),
        ["Devices:Timeouts:IdleGrace"] = ("Devices:Timeouts:IdleGrace", "00:00:01", static rooms => rooms._harness.Services.Timeouts.IdleGraceMs, 1_000L),
        ["Devices:Timeouts:Write"] = ("Devices:Timeouts:Write", "00:00:01", static rooms => rooms._harness.Services.Timeouts.WriteMs, 1_000L),
        ["Drain:Deadline"] = ("Drain:Deadline", "00:00:01", static rooms => rooms._drain.Options.Deadline, TimeSpan.FromSeconds(1)),
        ["Drain:LoadBalancerWait"] = ("Drain:LoadBalancerWait", "00:00:01", static rooms => rooms._drain.Options.LoadBalancerWait, TimeSpan.FromSeconds(1)),
        ["Llm:Default"] = ("Llm:Default", "other", static rooms => rooms._catalog.Configuration.Default, "other"),
        ["Llm:Timeouts:BetweenTokens"] = ("Llm:Timeouts:BetweenTokens", "00:00:02", static rooms => rooms.LlmTimeouts.BetweenTokens, TimeSpan.FromSeconds(2)),
        ["Llm:Timeouts:Connect"] = ("Llm:Timeouts:Connect", "00:00:02", static rooms => rooms.LlmTimeouts.Connect, TimeSpan.FromSeconds(2)),
        ["Llm:Timeouts:FirstToken"] = ("Llm:Timeouts:FirstToken", "00:00:02", static rooms => rooms.LlmTimeouts.FirstToken, TimeSpan.FromSeconds(2)),
        ["Llm:Timeouts:Total"] = ("Llm:Timeouts:Total", "00:00:20", static rooms => rooms.LlmTimeouts.Total, TimeSpan.FromSeconds(20)),
        ["Llm:Providers"] = ("Llm:Providers:other:Model", "m", static rooms => rooms._catalog.Configuration.Resolve("working").Settings.Model, "m"),
        ["Llm:ByMode"] = ("Llm:ByMode:chat", "other", static rooms => rooms._catalog.Configuration.Resolve("chat").Alias, "other"),
        ["Mcp:Servers"] = ("Mcp:Servers:clock:Command", "clock", static rooms => rooms._mcp.Report().Count, 1),
        ["Management:Secret"] = ("Management:Secret", "secret", static rooms => Encoding.UTF8.GetString(rooms._harness.Services.Sessions.ManagementSecret), "secret"),
        ["Memory:RetentionDays"] = ("Memory:RetentionDays", "3", static rooms => rooms._harness.Memory.RetentionDays, 3),
        ["Memory:SummarizeEvery"] = ("Memory:SummarizeEvery", "3", static rooms => rooms._harness.Summarizer.SummarizeEvery, 3),
        ["Speech:Mode"] = ("Speech:Mode", "Off", static rooms => rooms._harness.Speech.Hears, false),
        ["Speech:Asr"] = ("Speech:Asr:Default", "funasr", static rooms => rooms._harness.Speech.Recognizer?.Name, "funasr"),
        ["Speech:Tts"] = ("Speech:Tts:Default", "espeak", static rooms => rooms._harness.Speech.Synthesizer?.Name, "espeak"),
        ["Session:BusyText"] = ("Session:BusyText", "x", static rooms => rooms._harness.Services.Sessions.Texts.BusyText, "x"),
        ["Session:RestartText"] = ("Session:RestartText", "x", static rooms => rooms._harness.Services.Sessions.Texts.RestartText, "x"),
        ["Session:EndPrompt"] = ("Session:EndPrompt", "x", static rooms => rooms._harness.Services.Sessions.Texts.Conversation.EndPrompt, "x"),
        ["Session:ExitCommands"] = ("Session:ExitCommands:0", "x", static rooms => rooms._harness.Services.Sessions.Texts.IsExitCommand("x"), true),
        ["Session:GoodbyeText"] = ("Session:GoodbyeText", "x", static rooms => rooms._harness.Services.Sessions.Texts.GoodbyeText, "x"),
        ["Session:Goodbye"] = ("Session:Goodbye", "false", static rooms => rooms._harness.Services.Sessions.Texts.Goodbye, false),
        ["Session:Greeting"] = ("Session:Greeting", "x", static rooms => rooms._harness.Services.Sessions.Texts.Greeting, "x"),
        ["Session:Language"] =
            ("Session:Language", "en", static rooms => rooms._harness.Services.Sessions.Texts.LanguageFor(SessionLanguage.Zh), SessionLanguage.En),
        ["Session:Prompt"] = ("Session:Prompt", "x", static rooms => rooms._harness.Services.Sessions.Texts.Conversation.Prompt, "x"),
        ["Session:SystemErrorResponse"] =
            ("Session:SystemErrorResponse", "x", static rooms => rooms._harness.Services.Sessions.Texts.Conversation.SystemErrorResponse, "x"),
        ["Session:WakeupWords"] = ("Session:WakeupWords:0", "x", static rooms => rooms._harness.Services.Sessions.Texts.IsWakeupWord("x"), true),
        ["Tools:Enabled"] = ("Tools:Enabled", "false", static rooms => rooms._harness.Services.Sessions.ToolOptions.Enabled, false),
        ["Tools:Rounds"] = ("Tools:Rounds", "1", static rooms => rooms._harness.Services.Sessions.ToolOptions.Rounds, 1),
        ["Tools:Timeout"] = ("Tools:Timeout", "00:00:02", static rooms => rooms._harness.Services.Sessions.ToolOptions.Timeout, TimeSpan.FromSeconds(2)),

        // The HTTP endpoints read these from the configuration at each request.
        ["Admin:ViewToken"] = ("Admin:ViewToken", "view", static rooms => rooms._configuration.Current.Admin.ViewToken, "view"),
        ["Admin:Token"] = ("Admin:Token", "token", static rooms => rooms._configuration.Current.Admin.Token, "token"),
        ["Http:TimezoneOffset"] = ("Http:TimezoneOffset", "01:00:00", static rooms => rooms._configuration.Current.Http.TimezoneOffset, TimeSpan.FromHours(1)),
        ["Overload:MemoryPercent"] = ("Overload:MemoryPercent", "80", static rooms => rooms._configuration.Current.Overload.MemoryPercent, 80),
        ["Overload:LoopPercent"] = ("Overload:LoopPercent", "80", static rooms => rooms._configuration.Current.Overload.LoopPercent, 80),
        ["Restart:TurnWait"] = ("Restart:TurnWait", "00:00:03", static rooms => rooms._configuration.Current.Restart.TurnWait, TimeSpan.FromSeconds(3)),
        ["Vision:Concurrency"] = ("Vision:Concurrency", "3", static rooms => rooms._configuration.Current.Vision.Concurrency, 3),
        ["Vision:MaxBytes"] = ("Vision:MaxBytes", "2048", static rooms => rooms._configuration.Current.Vision.MaxBytes, 2_048),
        ["Vision:Timeout"] = ("Vision:Timeout", "00:00:03", static rooms => rooms._configuration.Current.Vision.Timeout, TimeSpan.FromSeconds(3)),
        ["Vision:TokenLifetime"] = ("Vision:TokenLifetime", "01:00:00", static rooms => rooms._configuration.Current.Vision.TokenLifetime, TimeSpan.FromHours(1)),
        ["Vision:Url"] = ("Vision:Url", "http://host/", static rooms => rooms._configuration.Current.Vision.Url, "http://host/"),
        ["Http:WebSocketUrl"] = ("Http:WebSocketUrl", "ws://host/", static rooms => rooms._configuration.Current.Http.WebSocketUrl, "ws://host/"),

        // The old server's file is read as the other keys.
        ["Config"] = ("Config", "config.yaml", static rooms => rooms._harness.Services.Sessions.Texts.Conversation.Prompt, "x"),
    };

    private readonly ConfigurationFixture _fixture = new() { ["Llm:Providers:other:Type"] = "openai", ["Llm:ByMode:working"] = "other", ["Admin:Token"] = "first" };
    private readonly GatewayConfiguration _configuration;
    private readonly ConnectionHarness _harness = new();
    private readonly LlmCatalog _catalog;
    private readonly AuthPolicy _auth;
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly McpServers _mcp;
    private readonly GatewayDrain _drain;

    public ConfigurationReloadTests()
    {
        _configuration = _fixture.Create();
        _catalog = new LlmCatalog(_configuration.Snapshot.Llm, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        _auth = new AuthPolicy(_configuration.Current.Auth, NullLogger<AuthPolicy>.Instance);
        _mcp = new McpServers(
            _configuration.Snapshot.Mcp, new McpMetrics(_meters.GetRequiredService<IMeterFactory>()), NullLogger<McpServers>.Instance, TimeProvider.System);
        _drain = new GatewayDrain(
            _configuration.Current.Drain,
            _harness.Services,
            new NoTransport(new TaskCompletionSource()),
            _harness.Conversation,
            static _ => Task.CompletedTask,
            static () => ValueTask.CompletedTask,
            TimeProvider.System,
            NullLogger<GatewayDrain>.Instance);
        _configuration.PrepareReload =
            new ConfigurationReload(
                _catalog, _auth, _harness.Services.Sessions, _harness.Memory, _harness.Summarizer, _drain, _harness.Services,
                _harness.Speech, _harness.SpeechMetrics, _mcp, TimeProvider.System).Prepare;
    }

    public static TheoryData<string> LiveKeys => [.. LiveKeyNames()];

    private LlmTimeouts LlmTimeouts => _catalog.Configuration.DefaultSettings.Timeouts;

    public void Dispose()
    {
        _catalog.Dispose();
        _meters.Dispose();
        _harness.Dispose();
        _configuration.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [MemberData(nameof(LiveKeys))]
    public void A_live_key_is_applied_by_a_reload(string key)
    {
        Assert.True(s_live.TryGetValue(key, out (string Set, string Value, Func<ConfigurationReloadTests, object?> Read, object Expected) row), $"{key} has no row");
        Assert.NotEqual(row.Expected, row.Read(this));
        _fixture.Write("config.yaml", "prompt: x\n");
        _fixture[row.Set] = row.Value;

        Assert.Equal(ReloadResult.Applied, _configuration.Reload());

        Assert.Equal(row.Expected, row.Read(this));
    }

    [Fact]
    public void Every_row_is_a_live_key() => Assert.Empty(s_live.Keys.Except(LiveKeyNames()));

    /// <summary>Whether a page of a site may connect.</summary>
    private bool Allows(string site, string host)
    {
        byte[] request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{site}\r\n\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(request, out _));
        return _harness.Services.Origins.Allows(parser.GetRequest(request));
    }

    private static IEnumerable<string> LiveKeyNames() => OptionSchema.Keys.Keys.Concat(OptionSchema.FreeForm).Where(static key => !StartOnlyKeys.Contains(key));
}
