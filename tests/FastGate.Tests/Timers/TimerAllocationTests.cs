using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>The budgets that TimerWheel and TimerIntake state: nothing allocated by arming, resetting, cancelling and ticking.</summary>
public sealed class TimerAllocationTests
{
    private readonly TimerWheel _wheel = new(0);
    private readonly TimerIntake _intake = new();
    private readonly ResettingEntry[] _entries = [.. Enumerable.Range(0, 1000).Select(_ => new ResettingEntry())];
    private long _now;

    [Fact]
    public void The_life_of_an_entry_on_the_wheel_allocates_nothing()
    {
        AssertNothingAllocated(() =>
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
    public void Asking_for_it_from_another_room_allocates_nothing()
    {
        AssertNothingAllocated(() =>
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

    private static void AssertNothingAllocated(Action once)
    {
        once();
        once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class ResettingEntry : TimerEntry
    {
        public long Deadline { get; set; }

        protected internal override long NextDeadline => Deadline;

        protected internal override void OnDeadline(long nowMs) => Deadline = nowMs + 1000;
    }
}
