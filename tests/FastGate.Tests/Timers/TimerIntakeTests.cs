using System.Runtime.CompilerServices;
using FastGate.Timers;

namespace FastGate.Tests.Timers;

public sealed class TimerIntakeTests
{
    private readonly TimerWheel _wheel = new(0);
    private readonly TimerIntake _intake = new();

    [Fact]
    public void An_armed_entry_is_filed_by_the_next_drain()
    {
        RecordingTimerEntry[] entries = [.. Enumerable.Range(0, 100).Select(i => new RecordingTimerEntry(1000 + i))];
        foreach (RecordingTimerEntry entry in entries)
        {
            _intake.Arm(entry);
        }

        Assert.Equal(0, _wheel.Count);
        _intake.DrainInto(_wheel);
        Assert.Equal(100, _wheel.Count);
        Assert.True(_intake.IsEmpty);
    }

    [Fact]
    public void The_last_request_wins()
    {
        var armed = new RecordingTimerEntry(1000);
        var cancelled = new RecordingTimerEntry(1000);
        _intake.Arm(cancelled);
        _intake.Cancel(armed);
        _intake.Arm(armed);
        _intake.Cancel(cancelled);
        _intake.Cancel(cancelled);
        _intake.DrainInto(_wheel);

        _wheel.Tick(1000);
        Assert.Single(armed.FiredAt);
        Assert.Empty(cancelled.FiredAt);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_cancellation_takes_effect_before_it_is_drained()
    {
        var entry = new RecordingTimerEntry(1000);
        _intake.Arm(entry);
        _intake.DrainInto(_wheel);
        _intake.Cancel(entry);

        _wheel.Tick(1000);
        Assert.Empty(entry.FiredAt);
        _intake.DrainInto(_wheel);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void An_entry_cancelled_by_its_own_callback_is_not_filed_again()
    {
        var entry = new RecordingTimerEntry(1000);
        entry.Then = now =>
        {
            entry.Deadline = now + 1000;
            _intake.Cancel(entry);
        };
        _intake.Arm(entry);
        _intake.DrainInto(_wheel);

        _wheel.Tick(1000);
        Assert.Equal(0, _wheel.Count);
        _intake.DrainInto(_wheel);
        _wheel.Tick(10_000);
        Assert.Single(entry.FiredAt);
    }

    [Fact]
    public void A_cancelled_entry_can_be_armed_again()
    {
        var entry = new RecordingTimerEntry(1000);
        _intake.Cancel(entry);
        _intake.DrainInto(_wheel);
        _intake.Arm(entry);
        _intake.DrainInto(_wheel);

        _wheel.Tick(1000);
        Assert.Single(entry.FiredAt);
    }

    [Fact]
    public void Cancelling_again_after_a_drain_queues_nothing()
    {
        var entry = new RecordingTimerEntry(1000);
        _intake.Arm(entry);
        _intake.Cancel(entry);
        _intake.DrainInto(_wheel);

        _intake.Cancel(entry);
        Assert.True(_intake.IsEmpty);
    }

    [Fact]
    public void A_deadline_that_throws_does_not_prevent_other_entries_from_being_filed()
    {
        RecordingTimerEntry[] entries = [new(1000), new(1000)];
        _intake.Arm(entries[0]);
        _intake.Arm(new BrokenTimerEntry { Broken = true });
        _intake.Arm(entries[1]);

        Assert.IsType<InvalidOperationException>(_intake.DrainInto(_wheel));
        Assert.Equal(1, _intake.Failed);
        Assert.Equal(2, _wheel.Count);
    }

    [Fact]
    public void Cancelled_and_fired_entries_are_released()
    {
        var remaining = new List<RecordingTimerEntry>();
        WeakReference[] released = [.. ArmAmong(remaining)];
        _intake.DrainInto(_wheel);
        _wheel.Tick(1000);

        GC.Collect();
        Assert.All(released, reference => Assert.False(reference.IsAlive));
        Assert.Equal(remaining.Count, _wheel.Count);
        GC.KeepAlive(remaining);
    }

    // Not inlined, so that no local of the test references an entry.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference> ArmAmong(List<RecordingTimerEntry> remaining)
    {
        var references = new List<WeakReference>();
        for (int i = 0; i < 100; i++)
        {
            var later = new RecordingTimerEntry(1000 + (TimerWheel.BucketCount * TimerWheel.TickMs));
            var cancelled = new RecordingTimerEntry(later.Deadline);
            var fires = new RecordingTimerEntry(1000);
            remaining.Add(later);
            references.Add(new WeakReference(cancelled));
            references.Add(new WeakReference(fires));
            _intake.Arm(later);
            _intake.Arm(cancelled);
            _intake.Arm(fires);
            if (i % 2 == 0)
            {
                _intake.DrainInto(_wheel);
            }

            _intake.Cancel(cancelled);
        }

        return references;
    }
}
