using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

public sealed class EngineClockTests
{
    [Fact]
    public void The_fastest_answer_decides()
    {
        var clock = new EngineClock();
        clock.Add(1_000, 1_200, 500_160);
        Assert.Equal(500_060, clock.OfLocal(1_000));
        clock.Add(2_000, 2_002, 501_001);
        Assert.Equal(500_000, clock.OfLocal(1_000));
        clock.Add(3_000, 3_300, 502_290);
        Assert.Equal(500_000, clock.OfLocal(1_000));
    }

    [Fact]
    public void An_old_answer_is_forgotten()
    {
        var clock = new EngineClock();
        clock.Add(0, 2, 500_001);
        for (int i = 1; i <= 8; i++)
        {
            clock.Add(i * 1_000, (i * 1_000) + 20, 500_020 + (i * 1_000));
        }

        Assert.Equal(500_010, clock.OfLocal(0));
    }

    /// <summary>A new engine, or a clock that was set: what was measured before is of no use.</summary>
    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public void A_clock_that_was_set_is_measured_anew(long jump)
    {
        var clock = new EngineClock();
        clock.Add(0, 2, 5_000_001);
        clock.Add(1_000, 1_040, 5_001_020 + jump);
        Assert.Equal(5_000_000 + jump, clock.OfLocal(0));
    }
}
