using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>
/// How many connections, connects and messages one source may make. A source is an IPv4 address or an IPv6 network; the numbers allow thousands of
/// devices behind the address of one mobile carrier. 0 switches a limit off.
/// </summary>
internal sealed record RateOptions : IOptionSection
{
    /// <summary>Connections at once of one address.</summary>
    [WholeNumber(0, 10_000_000)]
    public int Connections { get; init; } = 20_000;

    /// <summary>Connections at once of one address whose request is not complete yet.</summary>
    [WholeNumber(0, 1_000_000)]
    public int Handshakes { get; init; } = 1_000;

    /// <summary>
    /// Connects a second of one address, on average; ten seconds of them may come at once. One whose client leaves before its request is complete counts as ten.
    /// </summary>
    [WholeNumber(0, 1_000_000)]
    public int ConnectsPerSecond { get; init; } = 500;

    /// <summary>Connects a second of all addresses together, for each event loop only as many as it can serve when 0.</summary>
    [WholeNumber(0, 10_000_000)]
    public int AllConnectsPerSecond { get; init; }

    /// <summary>How long a connect may wait for its turn in a storm; then its client has given up, and it is closed.</summary>
    [Duration("00:00:00.100", "00:01:00")]
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Failed handshakes a minute of one address: wrong tokens, requests that are not valid, not complete in time or left incomplete. Beyond it the address is
    /// banned, unless one of its devices is connected.
    /// </summary>
    [WholeNumber(0, 1_000_000)]
    public int FailuresPerMinute { get; init; } = 120;

    /// <summary>
    /// Connects a minute of one device; EMQX's default. Beyond it a device with a token is banned, and a device without one has to wait.
    /// </summary>
    [WholeNumber(0, 1_000_000)]
    public int DeviceConnectsPerMinute { get; init; } = 15;

    /// <summary>Length of such a ban; EMQX's default.</summary>
    [Duration("00:00:01", "1.00:00:00")]
    public TimeSpan BanTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Messages a second of one connection, on average; ten seconds of them may come at once. Beyond it the server reads no more for a while, and closes a
    /// connection that continues. A device that speaks sends 17 to 50.
    /// </summary>
    [WholeNumber(0, 1_000_000)]
    public int MessagesPerSecond { get; init; } = 500;

    /// <summary>Bytes a second of one connection, likewise. A device that speaks sends about 4,000.</summary>
    [WholeNumber(0, 1_000_000_000)]
    public int BytesPerSecond { get; init; } = 512 * 1024;

    /// <summary>Bits of an IPv6 address that make one source: providers give a customer a /64 or more.</summary>
    [WholeNumber(16, 128)]
    public int PrefixIPv6 { get; init; } = 64;

    /// <summary>
    /// Addresses and networks without these limits, beside the proxies that the server trusts. When it is empty: this machine and private networks, where
    /// proxies and container gateways are.
    /// </summary>
    [Networks]
    public IReadOnlyList<string> Exempt { get; init; } = [];

    public static IReadOnlyList<string> DefaultExempt { get; } =
        ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10"];
}
