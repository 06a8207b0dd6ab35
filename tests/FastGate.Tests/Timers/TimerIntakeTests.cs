using System.Runtime.CompilerServices;
using FastGate.Timers;

namespace FastGate.Tests.Timers;

public sealed class TimerIntakeTests
{
    private readonly TimerWheel _wheel = new(0);
    private readonly TimerIntake _intake = new();

    [Fact]
    public void What_is_armed_is_filed_by_the_next_drain()
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
    public void A_cancellation_is_in_force_before_it_is_drained()
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
    public void Cancelling_from_the_own_callback_keeps_the_entry_out()
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
    public void Cancelling_what_was_cancelled_and_drained_queues_nothing()
    {
        var entry = new RecordingTimerEntry(1000);
        _intake.Arm(entry);
        _intake.Cancel(entry);
        _intake.DrainInto(_wheel);

        _intake.Cancel(entry);
        Assert.True(_intake.IsEmpty);
    }

    [Fact]
    public void A_deadline_that_cannot_be_read_keeps_no_other_entry_out()
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
    public void Neither_wheel_nor_intake_holds_on_to_what_was_cancelled_or_has_fired()
    {
        var neighbours = new List<RecordingTimerEntry>();
        WeakReference[] gone = [.. ArmAmong(neighbours)];
        _intake.DrainInto(_wheel);
        _wheel.Tick(1000);

        GC.Collect();
        Assert.All(gone, reference => Assert.False(reference.IsAlive));
        Assert.Equal(neighbours.Count, _wheel.Count);
        GC.KeepAlive(neighbours);
    }

    // Not inlined: a frame of its own, so that no local of the test keeps an entry.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference> ArmAmong(List<RecordingTimerEntry> neighbours)
    {
        var references = new List<WeakReference>();
        for (int i = 0; i < 100; i++)
        {
            var stays = new RecordingTimerEntry(1000 + (TimerWheel.BucketCount * TimerWheel.TickMs));
            var cancelled = new RecordingTimerEntry(stays.Deadline);
            var fires = new RecordingTimerEntry(1000);
            neighbours.Add(stays);
            references.Add(new WeakReference(cancelled));
            references.Add(new WeakReference(fires));
            _intake.Arm(stays);
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
