using FastGate.Configuration.Options;
using FastGate.Llm.Settings;
using FastGate.Memory;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>What the seed of a life chooses before its first step: the options of the server, and what its workers and stores are like.</summary>
internal sealed class LifePlan
{
    public const string Key = "key of the tokens";
    public const string Token = "right";
    public const string Proxy = "127.0.0.1";

    /// <summary>Addresses of clients; only the last one is without limits.</summary>
    public static readonly string[] Addresses = ["203.0.113.7", "198.51.100.9", "2001:db8::7", "192.168.1.7"];

    public LifePlan(Random random)
    {
        IsHostile = random.Next(2) == 0;
        IsEcho = random.Next(8) == 0;
        HasTls = random.Next(3) == 0;
        HasProxy = random.Next(4) == 0;
        HasDeflate = random.Next(2) == 0;
        HasAuth = random.Next(4) == 0;
        HasSpeech = random.Next(3) == 0;
        HasMemory = random.Next(4) > 0;
        HasFaultyMemory = HasMemory && random.Next(3) == 0;
        IsLimited = random.Next(3) == 0;
        IsTight = random.Next(4) == 0;
        Devices = new DeviceOptions
        {
            Echo = IsEcho,
            MaxConnections = IsTight ? 2 : 100,
            DuplicateDevice = random.Next(3) == 0 ? DuplicateDevicePolicy.Reject : DuplicateDevicePolicy.Replace,
            TrustedProxies = HasProxy ? [Proxy] : [],
            AllowedOrigins = ["https://app.example.org"],
            Timeouts = new DeviceTimeouts { Idle = TimeSpan.FromSeconds(random.Next(2) == 0 ? 120 : 20) },
            Deflate = new DeviceDeflate { Enabled = HasDeflate, MinText = 16 },
            Tls = HasTls && random.Next(8) == 0 ? new TlsOptions { Certificate = "x", Required = true } : new TlsOptions(),
            Limits = new DeviceLimits
            {
                UnfinishedMessages = IsTight ? 2_000 : 100_000,
                Outbound = IsTight ? 2_000 : 64_000,
                OutboundFrame = random.Next(4) == 0 ? 16 : 0,
                Fragments = 8,
                Message = 60_000,
            },
            Rates = IsLimited
                ? new RateOptions
                {
                    Connections = 3,
                    Handshakes = 2,
                    ConnectsPerSecond = 2,
                    FailuresPerMinute = 3,
                    DeviceConnectsPerMinute = 3,
                    MessagesPerSecond = 1,
                    BytesPerSecond = 10_000,
                }
                : new RateOptions(),
        };
        Gateway = new GatewayOptions
        {
            Devices = Devices,
            Auth = HasAuth ? new AuthOptions { Enabled = true, Tokens = [Token], Key = Key } : new AuthOptions(),
            Management = new ManagementOptions { Secret = "secret" },
            Workers = new WorkerOptions { Conversation = new ConversationWorkerOptions { Concurrency = IsTight ? 1 : 3, Queue = IsTight ? 2 : 100 } },
            Session = random.Next(3) == 0 ? new SessionOptions { GoodbyeText = "Bye." } : new SessionOptions(),
            Speech = new SpeechOptions { Vad = Speech.SpokenExchange.Vad },
        };
        MemoryLimits = new MemoryLimits
        {
            Pending = HasFaultyMemory ? 4 : 1_000,
            GroupWindow = TimeSpan.FromMilliseconds(1),
            RetryFirst = TimeSpan.FromMilliseconds(1),
            RetryLongest = TimeSpan.FromMilliseconds(4),
            LoadWait = TimeSpan.FromMilliseconds(20),
            LoadWaitInTrouble = TimeSpan.FromMilliseconds(5),
        };
        Providers = ConversationBench.Read(
        [
            ("Providers:first:Type", "openai"), ("Providers:first:Model", "first"), ("Providers:first:MaxConcurrency", IsTight ? "1" : "8"),
            ("Providers:second:Type", "openai"), ("Providers:second:Model", "second"),
            ("ByMode:chat", "first"), ("Default", "second"),
        ]);
    }

    /// <summary>Clients send broken bytes, frames and messages too.</summary>
    public bool IsHostile { get; }

    public bool IsEcho { get; }

    public bool HasTls { get; }

    /// <summary>The peer of every connection is a trusted proxy.</summary>
    public bool HasProxy { get; }

    public bool HasDeflate { get; }

    public bool HasAuth { get; }

    public bool HasSpeech { get; }

    public bool HasMemory { get; }

    /// <summary>The store fails, blocks and rejects, and few exchanges may wait for it.</summary>
    public bool HasFaultyMemory { get; }

    /// <summary>A source may have few connections, connects, failures and messages.</summary>
    public bool IsLimited { get; }

    /// <summary>There is room for few devices, turns and bytes.</summary>
    public bool IsTight { get; }

    public DeviceOptions Devices { get; }

    public GatewayOptions Gateway { get; }

    public MemoryLimits MemoryLimits { get; }

    public LlmConfiguration Providers { get; }

    public override string ToString() =>
        $"hostile {IsHostile}, echo {IsEcho}, TLS {HasTls}, proxy {HasProxy}, deflate {HasDeflate}, auth {HasAuth}, speech {HasSpeech}, "
        + $"memory {HasMemory}, faulty memory {HasFaultyMemory}, limited {IsLimited}, tight {IsTight}";
}
