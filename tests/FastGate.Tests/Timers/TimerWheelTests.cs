using FastGate.Timers;

namespace FastGate.Tests.Timers;

public sealed class TimerWheelTests
{
    private const long Start = 5_000_050;

    private readonly TimerWheel _wheel = new(Start);

    [Theory]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(149)]
    [InlineData(150)]
    [InlineData(10_000)]
    [InlineData(204_799)]
    [InlineData(204_800)]
    [InlineData(204_801)]
    [InlineData(1_000_000)]
    public void A_deadline_fires_never_early_and_at_most_one_tick_late(long delay)
    {
        var entry = new RecordingTimerEntry(Start + delay);
        _wheel.Add(entry);

        for (long now = Start; now <= Start + delay + TimerWheel.TickMs; now++)
        {
            _wheel.Tick(now);
        }

        long firedAt = Assert.Single(entry.FiredAt);
        Assert.InRange(firedAt, Start + delay, Start + delay + TimerWheel.TickMs - 1);
        Assert.Equal(0, _wheel.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-1_000_000)]
    public void A_deadline_in_the_past_fires_on_the_next_tick(long delay)
    {
        var entry = new RecordingTimerEntry(Start + delay);
        _wheel.Add(entry);

        _wheel.Tick(Start);
        Assert.Empty(entry.FiredAt);

        _wheel.Tick(_wheel.NextTickAt);
        Assert.Single(entry.FiredAt);
    }

    [Fact]
    public void A_tick_is_walked_only_once()
    {
        _wheel.Tick(Start + 200);
        var entry = new RecordingTimerEntry(Start);
        _wheel.Add(entry);

        _wheel.Tick(Start + 200);
        _wheel.Tick(Start + 249);
        Assert.Empty(entry.FiredAt);
    }

    [Fact]
    public void A_jump_of_the_clock_fires_all_due_entries_and_no_others()
    {
        RecordingTimerEntry[] due = [.. Enumerable.Range(0, 5000).Select(i => new RecordingTimerEntry(Start + (i * 997L)))];
        long jump = Start + TimeSpan.FromDays(10_000).Ticks / TimeSpan.TicksPerMillisecond;
        RecordingTimerEntry[] later = [.. Enumerable.Range(0, 5000).Select(i => new RecordingTimerEntry(jump + 1 + (i * 997L)))];
        foreach (RecordingTimerEntry entry in due.Concat(later))
        {
            _wheel.Add(entry);
        }

        _wheel.Tick(jump);

        Assert.All(due, entry => Assert.Equal([jump], entry.FiredAt));
        Assert.All(later, entry => Assert.Empty(entry.FiredAt));
        Assert.Equal(later.Length, _wheel.Count);
    }

    [Fact]
    public void The_greatest_deadline_can_be_filed()
    {
        _wheel.Add(new RecordingTimerEntry(TimerEntry.Never - 1));
        _wheel.Tick(Start + 1_000_000_000);
        Assert.Equal(1, _wheel.Count);
        Assert.Equal(0, _wheel.Fired);
    }

    [Fact]
    public void An_entry_without_a_deadline_is_removed()
    {
        var entry = new RecordingTimerEntry();
        _wheel.Add(entry);
        Assert.Equal(0, _wheel.Count);

        entry.Deadline = Start + 500;
        _wheel.Add(entry);
        Assert.Equal(1, _wheel.Count);

        entry.Deadline = TimerEntry.Never;
        _wheel.Add(entry);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_deadline_moved_later_by_a_store_fires_at_the_new_time()
    {
        var entry = new RecordingTimerEntry(Start + 1000);
        _wheel.Add(entry);
        entry.Deadline = Start + 60_000;

        TickThrough(Start, Start + 59_999);
        Assert.Empty(entry.FiredAt);
        Assert.Equal(1, _wheel.Refiled);

        TickThrough(Start + 60_000, Start + 60_100);
        Assert.Single(entry.FiredAt);
    }

    [Fact]
    public void An_entry_whose_deadline_was_removed_by_a_store_leaves_the_wheel_when_its_bucket_is_due()
    {
        var entry = new RecordingTimerEntry(Start + 1000);
        _wheel.Add(entry);
        entry.Deadline = TimerEntry.Never;

        TickThrough(Start, Start + 1100);
        Assert.Empty(entry.FiredAt);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_deadline_moved_earlier_fires_on_time_once_it_is_added_again()
    {
        var entry = new RecordingTimerEntry(Start + 60_000);
        _wheel.Add(entry);
        entry.Deadline = Start + 1000;
        _wheel.Add(entry);
        Assert.Equal(1, _wheel.Count);

        TickThrough(Start, Start + 1100);
        Assert.Single(entry.FiredAt);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_removed_entry_never_fires_and_removing_twice_is_harmless()
    {
        var entry = new RecordingTimerEntry(Start + 1000);
        var other = new RecordingTimerEntry(Start + 1000);
        _wheel.Add(entry);
        _wheel.Add(other);
        _wheel.Remove(entry);
        _wheel.Remove(entry);

        TickThrough(Start, Start + 2000);
        Assert.Empty(entry.FiredAt);
        Assert.Single(other.FiredAt);
    }

    [Fact]
    public void Entries_of_later_turns_in_the_same_bucket_do_not_fire()
    {
        long turn = TimerWheel.BucketCount * TimerWheel.TickMs;
        RecordingTimerEntry[] entries = [.. Enumerable.Range(0, 5).Select(i => new RecordingTimerEntry(Start + 1000 + (i * turn)))];
        foreach (RecordingTimerEntry entry in entries)
        {
            _wheel.Add(entry);
        }

        for (int i = 0; i < entries.Length; i++)
        {
            _wheel.Tick(Start + 1099 + (i * turn));
            Assert.Equal(i + 1, _wheel.Fired);
            Assert.Single(entries[i].FiredAt);
        }
    }

    private void TickThrough(long from, long to)
    {
        for (long now = from; now <= to; now += 50)
        {
            _wheel.Tick(now);
        }
    }
}
