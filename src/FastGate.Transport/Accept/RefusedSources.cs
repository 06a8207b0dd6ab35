namespace FastGate.Transport.Accept;

/// <summary>
/// Finds the sources whose connects are refused most, and keeps them for up to four seconds. When no place is free, a refusal takes one from each count: the
/// count of a source is too small by at most a 33rd of all refusals, so that a flood of many sources does not hide the one that makes most of it. A source is
/// one address, also of IPv6, because an address that the policy always admits may be in the network of one that it refuses. One owner. Allocates nothing
/// after its construction.
/// </summary>
internal sealed class RefusedSources
{
    /// <summary>Sources at once. Further ones are refused as before.</summary>
    public const int Capacity = 32;

    /// <summary>Refused connects of a source within a second. No device connects so often, and they take an event loop about a millisecond.</summary>
    public const int MostRefusals = 64;

    /// <summary>
    /// How long the first source is kept; those that are found meanwhile end with it. The limit of a source is a rate with a reserve of ten seconds: it gets as
    /// many connects as without the pause.
    /// </summary>
    public const int PeriodMs = 4_000;

    private const int CountMs = 1_000;

    private readonly (UInt128 Source, int Refusals)[] _counts = new (UInt128, int)[Capacity];
    private readonly UInt128[] _kept = new UInt128[Capacity];
    private long _countsUntilMs;
    private long _keptUntilMs;
    private int _keptCount;
    private int _withoutRoom;

    public ReadOnlySpan<UInt128> Kept => _kept.AsSpan(0, _keptCount);

    /// <summary>Milliseconds until <see cref="TryForget"/> succeeds; negative when no source is kept.</summary>
    public int TimeoutMs(long nowMs) => _keptCount == 0 ? -1 : (int)Math.Clamp(_keptUntilMs - nowMs, 0, PeriodMs);

    /// <summary>Counts a refused connect. True when its source is kept from now on.</summary>
    /// <param name="source">An IPv4 address in its IPv6-mapped form.</param>
    /// <param name="nowMs">The clock, in milliseconds.</param>
    public bool Add(UInt128 source, long nowMs)
    {
        if (nowMs >= _countsUntilMs)
        {
            Array.Clear(_counts);
            _countsUntilMs = nowMs + CountMs;
        }

        int refusals = Count(source);
        if (refusals < MostRefusals || Kept.Contains(source))
        {
            return false;
        }

        if (_keptCount == Capacity)
        {
            _withoutRoom += refusals == MostRefusals ? 1 : 0;
            return false;
        }

        if (_keptCount == 0)
        {
            _keptUntilMs = nowMs + PeriodMs;
        }

        _kept[_keptCount++] = source;
        return true;
    }

    /// <summary>True when the time of the kept sources is over, which are counted from zero then.</summary>
    public bool TryForget(long nowMs)
    {
        if (_keptCount == 0 || nowMs < _keptUntilMs)
        {
            return false;
        }

        Forget();
        return true;
    }

    public void Forget()
    {
        _keptCount = 0;
        _countsUntilMs = 0;
    }

    /// <summary>Sources that would have been kept if there had been room, since the last call. One that continues counts again each second.</summary>
    public int TakeWithoutRoom()
    {
        int count = _withoutRoom;
        _withoutRoom = 0;
        return count;
    }

    private int Count(UInt128 source)
    {
        int free = -1;
        for (int i = 0; i < _counts.Length; i++)
        {
            ref (UInt128 Source, int Refusals) place = ref _counts[i];
            if (place.Refusals == 0)
            {
                free = i;
            }
            else if (place.Source == source)
            {
                return ++place.Refusals;
            }
        }

        if (free >= 0)
        {
            _counts[free] = (source, 1);
            return 1;
        }

        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i].Refusals--;
        }

        return 0;
    }
}
