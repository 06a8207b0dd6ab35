using FastGate.Configuration.Options;
using FastGate.Limits;

namespace FastGate.Tests.Limits;

public sealed class OverloadRuleTests
{
    private static readonly OverloadReading s_quiet = new(0.2, 0.1);
    private static readonly OverloadReading s_full = new(0.95, 0.1);
    private static readonly OverloadReading s_busy = new(0.2, 0.99);
    private static readonly OverloadReading s_between = new(0.85, 0.9);
    private static readonly OverloadReading s_withoutDescriptor = new(0.2, 0.1, 1);

    private readonly OverloadRule _rule = new();
    private readonly OverloadOptions _options = new();

    [Fact]
    public void Memory_sheds_new_devices_after_three_seconds_and_then_idle_ones_and_nothing_more()
    {
        Assert.Equal(OverloadLevel.None, Step(s_full, OverloadRule.MemorySeconds - 1));
        Assert.Equal(OverloadLevel.NewDevices, Step(s_full, 1));
        Assert.Equal("memory at 95 % of its limit", _rule.Reason);
        Assert.Equal(OverloadLevel.NewDevices, Step(s_full, OverloadRule.NextSeconds - 1));
        Assert.Equal(OverloadLevel.IdleDevices, Step(s_full, 1));
        Assert.Equal(OverloadLevel.IdleDevices, Step(s_full, 1_000));
    }

    [Fact]
    public void Loop_must_be_busy_for_ten_seconds_in_a_row()
    {
        Assert.Equal(OverloadLevel.None, Step(s_busy, OverloadRule.LoopSeconds - 1));
        Assert.Equal(OverloadLevel.None, Step(s_quiet, 1));
        Assert.Equal(OverloadLevel.None, Step(s_busy, OverloadRule.LoopSeconds - 1));
        Assert.Equal(OverloadLevel.NewDevices, Step(s_busy, 1));
        Assert.Equal("processor time at 99 %", _rule.Reason);
    }

    [Fact]
    public void Descriptors_must_be_missing_for_ten_seconds_in_a_row()
    {
        Assert.Equal(OverloadLevel.None, Step(s_withoutDescriptor, OverloadRule.DescriptorSeconds - 1));
        Assert.Equal(OverloadLevel.None, Step(s_quiet with { Descriptors = 0.99 }, 1));
        Assert.Equal(OverloadLevel.None, Step(s_withoutDescriptor, OverloadRule.DescriptorSeconds - 1));
        Assert.Equal(OverloadLevel.NewDevices, Step(s_withoutDescriptor, 1));
        Assert.Equal("no descriptor is left for another device", _rule.Reason);
        Assert.Equal(OverloadLevel.IdleDevices, Step(s_withoutDescriptor, OverloadRule.NextSeconds));
        Assert.Equal(OverloadLevel.IdleDevices, Step(s_quiet with { Descriptors = 0.95 }, 1_000));
        Assert.Equal(OverloadLevel.None, Step(s_quiet with { Descriptors = 0.85 }, 2 * OverloadRule.RecoverySeconds));
    }

    [Fact]
    public void Level_ends_one_step_at_a_time_when_all_was_well_below_the_limits()
    {
        Step(s_full, 100);
        Assert.Equal(OverloadLevel.IdleDevices, Step(s_quiet, OverloadRule.RecoverySeconds - 1));
        Assert.Equal(OverloadLevel.NewDevices, Step(s_quiet, 1));
        Assert.Equal(OverloadLevel.NewDevices, Step(s_quiet, OverloadRule.RecoverySeconds - 1));
        Assert.Equal(OverloadLevel.None, Step(s_quiet, 1));
        Assert.Null(_rule.Reason);
    }

    [Fact]
    public void Between_limit_and_recovery_the_level_stays()
    {
        Step(s_full, OverloadRule.MemorySeconds);
        Assert.Equal(OverloadLevel.NewDevices, Step(s_between, 1_000));
        Step(s_quiet, OverloadRule.RecoverySeconds - 1);
        Assert.Equal(OverloadLevel.NewDevices, Step(s_between, 1));
        Assert.Equal(OverloadLevel.NewDevices, Step(s_quiet, OverloadRule.RecoverySeconds - 1));
    }

    [Fact]
    public void Low_limit_recovers_below_its_half()
    {
        var low = new OverloadOptions { LoopPercent = 2 };
        Step(s_quiet with { Loop = 0.02 }, OverloadRule.LoopSeconds, low);
        Assert.Equal(OverloadLevel.NewDevices, _rule.Level);
        Step(s_quiet with { Loop = 0.011 }, 1_000, low);
        Assert.Equal(OverloadLevel.NewDevices, _rule.Level);
        Step(s_quiet with { Loop = 0.009 }, OverloadRule.RecoverySeconds, low);
        Assert.Equal(OverloadLevel.None, _rule.Level);
    }

    [Fact]
    public void Zero_switches_a_limit_off()
    {
        var off = new OverloadOptions { MemoryPercent = 0, LoopPercent = 0 };
        for (int second = 0; second < 100; second++)
        {
            Assert.Equal(OverloadLevel.None, _rule.Step(new OverloadReading(1, 1), off));
        }
    }

    private OverloadLevel Step(OverloadReading reading, int seconds, OverloadOptions? options = null)
    {
        for (int second = 0; second < seconds; second++)
        {
            _rule.Step(reading, options ?? _options);
        }

        return _rule.Level;
    }
}
