using FastGate.Configuration.Options;

namespace FastGate.Limits;

/// <summary>The options in the form that the loops use. Immutable; a reload replaces it.</summary>
internal sealed class SourceSettings
{
    private const int BurstSeconds = 10;

    private readonly UInt128 _mask;
    private readonly AddressSet _exempt;

    /// <param name="options">The options.</param>
    /// <param name="prefixIPv6">Of the start: what is counted must be found again when its connection ends.</param>
    public SourceSettings(RateOptions options, int prefixIPv6)
    {
        PrefixIPv6 = prefixIPv6;
        _mask = AddressSet.MaskOf(prefixIPv6);
        _exempt = new AddressSet(options.Exempt.Count == 0 ? RateOptions.DefaultExempt : options.Exempt);
        Connections = options.Connections == 0 ? int.MaxValue : options.Connections;
        Handshakes = options.Handshakes == 0 ? int.MaxValue : options.Handshakes;
        Connects = Pace.Of(options.ConnectsPerSecond, TimeSpan.FromSeconds(1), BurstSeconds * (long)options.ConnectsPerSecond);
        AllConnects = Pace.Of(options.AllConnectsPerSecond, TimeSpan.FromSeconds(1), Math.Max(1, options.AllConnectsPerSecond / 10));
        Failures = Pace.Of(options.FailuresPerMinute, TimeSpan.FromMinutes(1), options.FailuresPerMinute);
        DeviceConnects = Pace.Of(options.DeviceConnectsPerMinute, TimeSpan.FromMinutes(1), options.DeviceConnectsPerMinute);
        LongestWaitMs = (int)options.LongestWait.TotalMilliseconds;
        BanTime = options.BanTime;
        Input = new InputRate(options);
    }

    public int PrefixIPv6 { get; }

    public int Connections { get; }

    public int Handshakes { get; }

    public Pace Connects { get; }

    public Pace AllConnects { get; }

    public Pace Failures { get; }

    public Pace DeviceConnects { get; }

    public int LongestWaitMs { get; }

    public TimeSpan BanTime { get; }

    public InputRate Input { get; }

    /// <summary>The bits of an address that make a source: all of IPv4, and the network of IPv6.</summary>
    public UInt128 SourceOf(UInt128 address) => IsIPv4(address) ? address : address & _mask;

    /// <summary>Whether the limits do not apply; also for an address that is not known.</summary>
    public bool IsExempt(UInt128 address) => address == 0 || _exempt.Contains(address);

    private static bool IsIPv4(UInt128 address) => address >> 32 == 0xFFFF;
}
