using FastGate.Configuration.Validation;
using Microsoft.Extensions.Options;

namespace FastGate.Configuration.Options;

/// <summary>The device listener: its address, its transport, and what a device may cost.</summary>
internal sealed record DeviceOptions : IOptionSection
{
    /// <summary>Address of the listener for devices.</summary>
    [ListenAddress]
    public string Listen { get; init; } = "0.0.0.0:8000";

    /// <summary>What transports the bytes: event loops run on Linux only; <c>Auto</c> uses them where they run and the framework's sockets elsewhere.</summary>
    public DeviceTransportKind Transport { get; init; } = DeviceTransportKind.Auto;

    /// <summary>Number of event loop threads; 0 means one per core.</summary>
    [WholeNumber(0, 1_024, Note = "0 means one per core")]
    public int EventLoops { get; init; }

    /// <summary>Echo each data message instead of the device protocol; conformance suites need it.</summary>
    public bool Echo { get; init; }

    /// <summary>Connections at once; a further device is notified and closed.</summary>
    [WholeNumber(1, 10_000_000)]
    public int MaxConnections { get; init; } = 100_000;

    /// <summary>What happens when a device id that is connected connects again: <c>Replace</c> closes the old connection, <c>Reject</c> the new one.</summary>
    public DuplicateDevicePolicy DuplicateDevice { get; init; } = DuplicateDevicePolicy.Replace;

    /// <summary>Whether the kernel probes a silent device after 60 s and closes its connection when it is gone. A living device's kernel answers.</summary>
    public bool KeepAlive { get; init; } = true;

    /// <summary>Addresses and networks of proxies and load balancers. From them only, the PROXY protocol and <c>X-Forwarded-For</c>, <c>X-Real-IP</c> or <c>Forwarded</c> give the client's address, also on the HTTP and admin listeners.</summary>
    [Networks]
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Addresses and networks of peers that many devices share, such as an MQTT gateway. They are never limited or banned by their address.</summary>
    [Networks]
    public IReadOnlyList<string> TrustedPeers { get; init; } = [];

    /// <summary>Origins of web pages that may connect, such as <c>https://app.example.org</c>, besides pages of the server's own host; <c>*</c> allows every page. Devices send no origin.</summary>
    [Origins]
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    [ValidateObjectMembers]
    public DeviceTimeouts Timeouts { get; init; } = new();

    [ValidateObjectMembers]
    public DeviceDeflate Deflate { get; init; } = new();

    [ValidateObjectMembers]
    public DeviceLimits Limits { get; init; } = new();

    [ValidateObjectMembers]
    public RateOptions Rates { get; init; } = new();
}

/// <summary>What transports the bytes of the device listener.</summary>
internal enum DeviceTransportKind
{
    /// <summary>Event loops where they run, the framework's sockets elsewhere.</summary>
    Auto,
    EventLoop,
    Sockets,
}

/// <summary>What happens when a device id that is connected connects again.</summary>
internal enum DuplicateDevicePolicy
{
    /// <summary>The new connection replaces the old one, which is notified and closed.</summary>
    Replace,

    /// <summary>The new connection is notified that registration failed, and closed.</summary>
    Reject,
}
