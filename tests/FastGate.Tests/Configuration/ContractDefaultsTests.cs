using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Configuration;

/// <summary>
/// A tripwire: repeats every default that documents, tools and deployments rely on, so that a change of one is deliberate.
/// </summary>
public sealed class ContractDefaultsTests
{
    private static readonly Dictionary<string, object?> s_defaults = new()
    {
        ["Devices:Listen"] = "0.0.0.0:8000",
        ["Devices:Transport"] = DeviceTransportKind.Auto,
        ["Devices:EventLoops"] = 0,
        ["Devices:Echo"] = false,
        ["Devices:MaxConnections"] = 100_000,
        ["Devices:DuplicateDevice"] = DuplicateDevicePolicy.Replace,
        ["Devices:KeepAlive"] = true,
        ["Devices:TrustedProxies"] = Array.Empty<string>(),
        ["Devices:TrustedPeers"] = Array.Empty<string>(),
        ["Devices:AllowedOrigins"] = Array.Empty<string>(),
        ["Devices:Deflate:Enabled"] = false,
        ["Devices:Deflate:MinText"] = 256,
        ["Devices:Timeouts:Handshake"] = Seconds(10),
        ["Devices:Timeouts:Hello"] = Seconds(10),
        ["Devices:Timeouts:Idle"] = Seconds(120),
        ["Devices:Timeouts:IdleGrace"] = Seconds(10),
        ["Devices:Timeouts:Close"] = Seconds(2),
        ["Devices:Timeouts:Write"] = Seconds(10),
        ["Devices:Limits:RequestLine"] = 2 * 1024,
        ["Devices:Limits:Headers"] = 8 * 1024,
        ["Devices:Limits:HeaderCount"] = 64,
        ["Devices:Limits:Frame"] = 64 * 1024,
        ["Devices:Limits:Message"] = 256 * 1024,
        ["Devices:Limits:Fragments"] = 64,
        ["Devices:Limits:UnfinishedMessages"] = 0,
        ["Devices:Limits:Outbound"] = 128 * 1024,
        ["Devices:Limits:OutboundFrame"] = 0,
        ["Devices:Rates:Connections"] = 20_000,
        ["Devices:Rates:Handshakes"] = 1_000,
        ["Devices:Rates:ConnectsPerSecond"] = 500,
        ["Devices:Rates:AllConnectsPerSecond"] = 0,
        ["Devices:Rates:LongestWait"] = Seconds(5),
        ["Devices:Rates:FailuresPerMinute"] = 120,
        ["Devices:Rates:DeviceConnectsPerMinute"] = 15,
        ["Devices:Rates:BanTime"] = Seconds(300),
        ["Devices:Rates:MessagesPerSecond"] = 500,
        ["Devices:Rates:BytesPerSecond"] = 512 * 1024,
        ["Devices:Rates:PrefixIPv6"] = 64,
        ["Devices:Rates:Exempt"] = Array.Empty<string>(),
        ["Http:Listen"] = "0.0.0.0:8003",
        ["Http:WebSocketUrl"] = null,
        ["Http:TimezoneOffset"] = null,
        ["Admin:Listen"] = "127.0.0.1:8002",
        ["Admin:Token"] = null,
        ["Admin:ViewToken"] = null,
        ["Auth:Enabled"] = false,
        ["Auth:Key"] = null,
        ["Auth:ExpireSeconds"] = 2_592_000L,
        ["Auth:Tokens"] = Array.Empty<string>(),
        ["Auth:AllowedDevices"] = Array.Empty<string>(),
        ["Llm:Default"] = "echo",
        ["Llm:Timeouts:Connect"] = Seconds(1),
        ["Llm:Timeouts:FirstToken"] = Seconds(4),
        ["Llm:Timeouts:BetweenTokens"] = Seconds(3),
        ["Llm:Timeouts:Total"] = Seconds(30),
        ["Memory:Provider"] = MemoryProviderKind.Sqlite,
        ["Memory:Path"] = "data/fastgate.db",
        ["Memory:ConnectionString"] = null,
        ["Memory:TablePrefix"] = "fastgate_",
        ["Memory:SummarizeEvery"] = 20,
        ["Memory:RetentionDays"] = 0,
        ["Management:Secret"] = null,
        ["Session:Goodbye"] = true,
        ["Session:GoodbyeText"] = null,
        ["Session:Language"] = SessionLanguage.Auto,
        ["Speech:Mode"] = SpeechMode.Auto,
        ["Speech:MemoryMegabytes"] = 256,
        ["Speech:Vad:Model"] = null,
        ["Speech:Vad:Silence"] = TimeSpan.FromMilliseconds(500),
        ["Speech:Vad:PreRoll"] = TimeSpan.FromMilliseconds(500),
        ["Speech:Vad:MinVoice"] = TimeSpan.FromMilliseconds(160),
        ["Speech:Vad:MaxUtterance"] = Seconds(30),
        ["Speech:Vad:NoPacket"] = TimeSpan.FromMilliseconds(700),
        ["Speech:Vad:Threshold"] = 50,
        ["Speech:Vad:LowThreshold"] = 30,
        ["Speech:Opus:Bitrate"] = 24_000,
        ["Speech:Opus:Complexity"] = 3,
        ["Speech:Opus:Threads"] = 0,
        ["Tools:Enabled"] = true,
        ["Tools:Rounds"] = 5,
        ["Tools:Timeout"] = Seconds(30),
        ["Vision:Url"] = null,
        ["Vision:MaxBytes"] = 5_242_880,
        ["Vision:Concurrency"] = 8,
        ["Vision:Timeout"] = Seconds(20),
        ["Vision:TokenLifetime"] = TimeSpan.FromDays(1),
        ["Workers:Conversation:Queue"] = 4_096,
        ["Workers:Conversation:Concurrency"] = 256,
        ["Workers:Memory:Queue"] = 65_536,
        ["Drain:Deadline"] = Seconds(7),
        ["Drain:LoadBalancerWait"] = Seconds(0),
        ["Restart:TurnWait"] = Seconds(10),
        ["Restart:HandOverSocket"] = null,
        ["Commands:PerDevice"] = 32,
        ["Commands:Total"] = 10_000,
        ["Commands:Ttl"] = TimeSpan.FromDays(1),
        ["Commands:KeepOutcome"] = TimeSpan.FromDays(7),
        ["Cluster:Redis"] = null,
        ["Cluster:Node"] = null,
        ["Cluster:Prefix"] = "fastgate",
        ["Webhooks:All"] = Array.Empty<string>(),
        ["Webhooks:Connected"] = Array.Empty<string>(),
        ["Webhooks:Registered"] = Array.Empty<string>(),
        ["Webhooks:Disconnected"] = Array.Empty<string>(),
        ["Webhooks:TurnFinished"] = Array.Empty<string>(),
        ["Webhooks:Secrets"] = Array.Empty<string>(),
        ["Webhooks:BatchSize"] = 100,
        ["Webhooks:BatchInterval"] = Seconds(1),
        ["Webhooks:Queue"] = 8_192,
        ["Webhooks:Timeout"] = Seconds(10),
        ["Webhooks:RetryFor"] = TimeSpan.FromMinutes(10),
        ["Telemetry:Endpoint"] = null,
        ["Telemetry:Protocol"] = TelemetryProtocol.Grpc,
        ["Telemetry:Headers"] = null,
        ["Telemetry:Traces"] = true,
        ["Telemetry:Metrics"] = true,
        ["Telemetry:Logs"] = true,
        ["Telemetry:TraceOneIn"] = 0,
        ["Config"] = null,
    };

    public static TheoryData<string> Keys => [.. OptionSchema.Keys.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_default_is_unchanged(string key)
    {
        using var fixture = new ConfigurationFixture();
        object? value = key.Split(':').Aggregate((object?)fixture.Create().Current, static (holder, name) => holder!.GetType().GetProperty(name)!.GetValue(holder));
        if (key.StartsWith("Session:", StringComparison.Ordinal) && !s_defaults.ContainsKey(key))
        {
            // The wording may change, but no text may be empty: a device that says nothing looks broken.
            Assert.All(value as IEnumerable<string> ?? [(string)value!], static text => Assert.False(string.IsNullOrWhiteSpace(text)));
            Assert.NotEmpty(value as IEnumerable<string> ?? [(string)value!]);
            return;
        }

        Assert.True(s_defaults.TryGetValue(key, out object? expected), $"{key} has no listed default");
        Assert.Equal(expected, value);
    }

    [Fact]
    public void Every_listed_key_exists() => Assert.All(s_defaults.Keys, static key => Assert.True(OptionSchema.Keys.ContainsKey(key), key));

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
