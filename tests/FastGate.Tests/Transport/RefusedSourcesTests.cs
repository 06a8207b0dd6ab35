using FastGate.Transport.Accept;

namespace FastGate.Tests.Transport;

/// <summary>Which sources are found and for how long, on a turned clock.</summary>
public sealed class RefusedSourcesTests
{
    private const long Start = 1_000_000;

    private readonly RefusedSources _sources = new();

    [Fact]
    public void Source_is_kept_from_its_64th_refusal_on_and_only_once()
    {
        Assert.DoesNotContain(true, Enumerable.Range(1, 63).Select(_ => _sources.Add(IPv4(1), Start)));
        Assert.True(_sources.Add(IPv4(1), Start + 999));
        Assert.Equal([IPv4(1)], _sources.Kept.ToArray());
        Assert.False(_sources.Add(IPv4(1), Start + 999));
    }

    [Fact]
    public void Refusals_of_an_earlier_second_do_not_count()
    {
        for (int i = 0; i < 63; i++)
        {
            Assert.False(_sources.Add(IPv4(1), Start));
        }

        Assert.False(_sources.Add(IPv4(1), Start + 1_000));
        Assert.True(_sources.Kept.IsEmpty);
    }

    [Fact]
    public void Source_is_forgotten_after_the_period_and_then_found_again()
    {
        Refuse(IPv4(1), 64, Start);
        Assert.Equal(RefusedSources.PeriodMs, _sources.TimeoutMs(Start));
        Assert.Equal(1, _sources.TimeoutMs(Start + RefusedSources.PeriodMs - 1));
        Assert.False(_sources.TryForget(Start + RefusedSources.PeriodMs - 1));

        Assert.True(_sources.TryForget(Start + RefusedSources.PeriodMs));

        Assert.True(_sources.Kept.IsEmpty);
        Assert.Equal(-1, _sources.TimeoutMs(Start + RefusedSources.PeriodMs));
        Assert.False(_sources.TryForget(Start + RefusedSources.PeriodMs));
        Refuse(IPv4(1), 63, Start + RefusedSources.PeriodMs);
        Assert.True(_sources.Add(IPv4(1), Start + RefusedSources.PeriodMs));
    }

    /// <summary>The time of the first one is that of all: the filter changes once.</summary>
    [Fact]
    public void Sources_are_forgotten_together()
    {
        Refuse(IPv4(1), 64, Start);
        Refuse(IPv4(2), 64, Start + 500);
        Assert.Equal(2, _sources.Kept.Length);

        Assert.True(_sources.TryForget(Start + RefusedSources.PeriodMs));
    }

    [Fact]
    public void No_more_than_the_capacity_is_kept_and_the_others_are_counted_once_a_second()
    {
        for (uint i = 0; i < RefusedSources.Capacity; i++)
        {
            Refuse(IPv4(i), 64, Start);
        }

        Assert.Equal(0, _sources.TakeWithoutRoom());
        Refuse(IPv4(1_000), 100, Start + 1_000);
        Refuse(IPv4(1_000), 100, Start + 2_000);
        Refuse(IPv4(1_001), 63, Start + 2_000);
        Refuse(IPv4(0), 100, Start + 2_000);

        Assert.Equal(RefusedSources.Capacity, _sources.Kept.Length);
        Assert.False(_sources.Kept.Contains(IPv4(1_000)));
        Assert.True(_sources.TryForget(Start + RefusedSources.PeriodMs));
        Assert.Equal(2, _sources.TakeWithoutRoom());
        Assert.Equal(0, _sources.TakeWithoutRoom());
    }

    /// <summary>A flood of many addresses must not hide the one that makes most of it.</summary>
    [Fact]
    public void Source_of_many_refusals_is_found_among_a_thousand_others()
    {
        bool found = false;
        for (uint i = 0; i < 1_000; i++)
        {
            found |= _sources.Add(IPv4(1), Start);
            _sources.Add(IPv4(10_000 + i), Start);
        }

        Assert.True(found);
        Assert.Equal([IPv4(1)], _sources.Kept.ToArray());
    }

    /// <summary>A trusted proxy may be in the network of a client that is refused.</summary>
    [Fact]
    public void Neighbour_in_the_network_of_a_refused_address_is_not_kept()
    {
        UInt128 refused = ((UInt128)0x2001_0db8_0000_0001 << 64) + 1;
        Refuse(refused, 64, Start);
        Refuse(refused + 1, 63, Start);

        Assert.Equal([refused], _sources.Kept.ToArray());
    }

    [Fact]
    public void Refusals_allocate_nothing()
    {
        Refuse(IPv4(1), 2, Start);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < 1_000; i++)
        {
            _sources.Add(IPv4(i % 50), Start);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static UInt128 IPv4(uint number) => 0xFFFF_0A00_0000 + (UInt128)number;

    private void Refuse(UInt128 address, int times, long nowMs)
    {
        for (int i = 0; i < times; i++)
        {
            _sources.Add(address, nowMs);
        }
    }
}
