using FastGate.Testing;
using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>Enforces the budget of TimerWheel and TimerIntake: arming, resetting, cancelling and ticking allocate nothing.</summary>
public sealed class TimerAllocationTests
{
    private readonly TimerWheel _wheel = new(0);
    private readonly TimerIntake _intake = new();
    private readonly ResettingEntry[] _entries = [.. Enumerable.Range(0, 1000).Select(_ => new ResettingEntry())];
    private long _now;

    [Fact]
    public void Adding_moving_firing_and_removing_entries_allocates_nothing()
    {
        AssertAllocatesNothing(() =>
        {
            foreach (ResettingEntry entry in _entries)
            {
                entry.Deadline = _now + 1000;
                _wheel.Add(entry);
                entry.Deadline += 1000;
            }

            for (int i = 0; i < 30; i++)
            {
                _wheel.Tick(_now += 100);
            }

            foreach (ResettingEntry entry in _entries)
            {
                _wheel.Remove(entry);
            }
        });
        Assert.True(_wheel.Fired > 0 && _wheel.Refiled > 0);
    }

    [Fact]
    public void Requests_through_the_intake_allocate_nothing()
    {
        AssertAllocatesNothing(() =>
        {
            foreach (ResettingEntry entry in _entries)
            {
                entry.Deadline = _now + 1000;
                _intake.Arm(entry);
                _intake.Arm(entry);
            }

            _intake.DrainInto(_wheel);
            _wheel.Tick(_now += 2000);
            foreach (ResettingEntry entry in _entries)
            {
                _intake.Cancel(entry);
            }

            _intake.DrainInto(_wheel);
        });
    }

    private static void AssertAllocatesNothing(Action action) => Assert.Equal(0, Allocations.Of(action, times: 2));

    private sealed class ResettingEntry : TimerEntry
    {
        public long Deadline { get; set; }

        protected internal override long NextDeadline => Deadline;

        protected internal override void OnDeadline(long nowMs) => Deadline = nowMs + 1000;
    }
}
