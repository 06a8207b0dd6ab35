using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Transport.Accept;
using Microsoft.Extensions.Logging;

namespace FastGate.Limits;

/// <summary>
/// Limits of addresses and devices. The transport asks before a connection has an object; the connection reports its life. Any thread, without a lock.
/// Budget: no allocation per connect (SourceLimitsTests).
/// </summary>
internal sealed class SourceLimits : IAcceptPolicy
{
    /// <summary>Open requests of a banned address. Its failures count after a request is read, so a flood would have many accepted before the first one counts.</summary>
    public const int BannedAtOnce = 4;

    /// <summary>
    /// What a connect costs whose client leaves without a request. Devices send theirs at once, so an address that only opens and closes connections soon has
    /// no connects left, and the server serves few of them.
    /// </summary>
    public const int WithoutRequestCosts = 10;

    /// <summary>An address makes one record of its refusals a second.</summary>
    private static readonly Pace s_notes = Pace.Of(1, TimeSpan.FromSeconds(1), 1);

    private readonly SourceTable _sources = new();
    private readonly DeviceTable _devices = new();
    private readonly Func<long> _nowMs;
    private readonly LimitMetrics _metrics;
    private volatile SourceSettings _settings;
    private long _allPaidUs;

    public SourceLimits(RateOptions options, Func<long> nowMs, LimitMetrics metrics, ILogger log, TimeProvider time)
    {
        _nowMs = nowMs;
        _metrics = metrics;
        _settings = new SourceSettings(options, options.PrefixIPv6);
        Judge = new SuspectJudge(() => _settings, metrics, log, time);
    }

    public SuspectJudge Judge { get; }

    /// <summary>Any thread; a reload replaces it.</summary>
    public SourceSettings Settings => _settings;

    public int LongestWaitMs => _settings.LongestWaitMs;

    /// <summary>Whether an address is a proxy that the server trusts, whose devices count by their own addresses.</summary>
    public Func<UInt128, bool> IsTrusted { get; set; } = static _ => false;

    /// <summary>Whether an address is banned now.</summary>
    public Func<UInt128, bool> IsBanned { get; set; } = static _ => false;

    /// <summary>Gets one refused connect of an address a second.</summary>
    public Action<UInt128, SourceRefusal> OnRefused { get; set; } = static (_, _) => { };

    private long NowUs => _nowMs() * 1_000;

    public void CountPause() => _metrics.Paused.Increment();

    public void Apply(RateOptions options) => _settings = new SourceSettings(options, _settings.PrefixIPv6);

    public bool Admits(UInt128 address)
    {
        SourceSettings settings = _settings;
        if (!Counts(address, settings))
        {
            return true;
        }

        long now = NowUs;
        SourceTable.Pair source = _sources.Of(settings.SourceOf(address));
        SourceRefusal? refusal =
            source.Open >= settings.Connections ? SourceRefusal.Connections
            : source.Pending >= settings.Handshakes ? SourceRefusal.Handshakes
            : (source.Pending >= BannedAtOnce || !source.HasRoomForFailure(settings.Failures, now)) && IsBanned(address) ? SourceRefusal.Banned
            : !settings.Connects.IsOff && !source.TryPayConnect(settings.Connects, now) ? SourceRefusal.Connects
            : null;
        if (refusal is not { } limit)
        {
            return true;
        }

        _metrics.Refused((int)limit);
        Note(source, address, limit, now);
        return false;
    }

    public void OnClosed(UInt128 address, AcceptRefusal reason) =>
        Note(_sources.Of(_settings.SourceOf(address)), address, reason == AcceptRefusal.WaitExpired ? SourceRefusal.Wait : SourceRefusal.Descriptor, NowUs);

    public int TakeTurn()
    {
        Pace pace = _settings.AllConnects;
        if (pace.IsOff || pace.TryPay(ref _allPaidUs, ref _allPaidUs, NowUs))
        {
            return 0;
        }

        long aheadUs = Volatile.Read(ref _allPaidUs) + pace.IntervalUs - pace.BurstUs - NowUs;
        return (int)Math.Clamp((aheadUs + 999) / 1_000, 1, 1_000);
    }

    /// <summary>A connection of the address begins; with a complete request when it was open before a restart.</summary>
    /// <returns>Whether it is counted: then <see cref="Closed"/> must follow.</returns>
    public bool Opened(UInt128 address, bool isPending)
    {
        SourceSettings settings = _settings;
        if (!Counts(address, settings))
        {
            return false;
        }

        SourceTable.Pair source = _sources.Of(settings.SourceOf(address));
        source.AddOpen(1);
        source.AddPending(isPending ? 1 : 0);
        return true;
    }

    /// <summary>The request of a counted connection is complete.</summary>
    public void Completed(UInt128 address) => _sources.Of(_settings.SourceOf(address)).AddPending(-1);

    /// <summary>A counted connection has ended.</summary>
    public void Closed(UInt128 address, bool isPending)
    {
        SourceTable.Pair source = _sources.Of(_settings.SourceOf(address));
        source.AddOpen(-1);
        source.AddPending(isPending ? -1 : 0);
    }

    /// <summary>A handshake was refused for a reason that a device in order does not give. Nothing counts against an exempt or trusted address.</summary>
    public void Failed(UInt128 address)
    {
        SourceSettings settings = _settings;
        UInt128 key = settings.SourceOf(address);
        if (Counts(address, settings) && !settings.Failures.IsOff && !_sources.Of(key).TryPayFailure(settings.Failures, NowUs) && !IsBanned(address))
        {
            Judge.Add(new Suspect(key, null));
        }
    }

    /// <summary>The client of a counted connection left before its request was complete.</summary>
    public void LeftWithoutRequest(UInt128 address)
    {
        SourceSettings settings = _settings;
        _sources.Of(settings.SourceOf(address)).ChargeConnects(settings.Connects, NowUs, WithoutRequestCosts - 1);
    }

    /// <summary>
    /// Takes the place of one connect of a device. False when it connects too often. A device that has proved its id counts behind a trusted proxy too: the proxy
    /// is not at fault, but the device may be.
    /// </summary>
    public bool TryConnect(ReadOnlySpan<byte> deviceId, UInt128 address, bool isAuthenticated)
    {
        SourceSettings settings = _settings;
        if (settings.DeviceConnects.IsOff
            || !(Counts(address, settings) || (isAuthenticated && IsTrusted(address)))
            || _devices.TryPay(settings.DeviceConnects, deviceId, isAuthenticated ? 0 : settings.SourceOf(address), NowUs))
        {
            return true;
        }

        _metrics.Refused((int)SourceRefusal.Device);
        if (isAuthenticated)
        {
            Judge.Add(new Suspect(0, System.Text.Encoding.UTF8.GetString(deviceId)));
        }

        return false;
    }

    private void Note(SourceTable.Pair source, UInt128 address, SourceRefusal limit, long nowUs)
    {
        if (source.TryNote(s_notes, nowUs))
        {
            OnRefused(address, limit);
        }
    }

    private bool Counts(UInt128 address, SourceSettings settings) => !settings.IsExempt(address) && !IsTrusted(address);
}
