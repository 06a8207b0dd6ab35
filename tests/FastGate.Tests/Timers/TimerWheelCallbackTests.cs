using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>Callbacks that modify the wheel.</summary>
public sealed class TimerWheelCallbackTests
{
    private readonly TimerWheel _wheel = new(0);

    [Fact]
    public void A_callback_may_remove_every_other_entry_of_its_bucket()
    {
        RecordingTimerEntry[] entries = [.. Enumerable.Range(0, 10).Select(_ => new RecordingTimerEntry(1000))];
        foreach (RecordingTimerEntry entry in entries)
        {
            entry.Then = _ =>
            {
                foreach (RecordingTimerEntry other in entries)
                {
                    _wheel.Remove(other);
                }
            };
            _wheel.Add(entry);
        }

        _wheel.Tick(1000);
        Assert.Equal(1, _wheel.Fired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_callback_may_remove_the_entry_that_is_next()
    {
        var first = new RecordingTimerEntry(1000);
        var second = new RecordingTimerEntry(1000);
        var third = new RecordingTimerEntry(1000);
        // The entry added last is first in the bucket.
        _wheel.Add(third);
        _wheel.Add(second);
        _wheel.Add(first);
        first.Then = _ => _wheel.Remove(second);

        _wheel.Tick(1000);
        Assert.Single(first.FiredAt);
        Assert.Empty(second.FiredAt);
        Assert.Single(third.FiredAt);
    }

    [Fact]
    public void Entries_that_a_callback_removes_and_adds_again_fire_on_the_next_tick()
    {
        RecordingTimerEntry[] entries = [.. Enumerable.Range(0, 10).Select(_ => new RecordingTimerEntry(1000))];
        foreach (RecordingTimerEntry entry in entries)
        {
            _wheel.Add(entry);
        }

        entries[^1].Then = _ =>
        {
            foreach (RecordingTimerEntry other in entries)
            {
                _wheel.Remove(other);
                _wheel.Add(other);
            }
        };

        _wheel.Tick(1000);
        Assert.Equal(1, _wheel.Fired);
        _wheel.Tick(1100);
        Assert.Equal(10, _wheel.Fired);
        Assert.All(entries, entry => Assert.Single(entry.FiredAt));
    }

    [Fact]
    public void A_callback_that_sets_a_deadline_is_filed_again()
    {
        var entry = new RecordingTimerEntry(1000);
        entry.Then = now => entry.Deadline = now + 1000;
        _wheel.Add(entry);

        for (long now = 0; now <= 5000; now += 100)
        {
            _wheel.Tick(now);
        }

        Assert.Equal([1000, 2000, 3000, 4000, 5000], entry.FiredAt);
    }

    [Fact]
    public void A_deadline_in_the_past_fires_once_per_tick_also_after_a_jump()
    {
        var entry = new RecordingTimerEntry(1000);
        entry.Then = _ => entry.Deadline = 1000;
        _wheel.Add(entry);

        _wheel.Tick(1_000_000);
        Assert.Single(entry.FiredAt);
        _wheel.Tick(1_000_100);
        Assert.Equal(2, entry.FiredAt.Count);
    }

    [Fact]
    public void A_callback_may_remove_its_own_entry()
    {
        var entry = new RecordingTimerEntry(1000);
        entry.Then = _ =>
        {
            entry.Deadline = 2000;
            _wheel.Remove(entry);
        };
        _wheel.Add(entry);

        _wheel.Tick(1000);
        _wheel.Tick(5000);
        Assert.Single(entry.FiredAt);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_callback_that_adds_its_own_entry_is_filed_once()
    {
        var entry = new RecordingTimerEntry(1000);
        entry.Then = _ =>
        {
            entry.Deadline = 2000;
            _wheel.Add(entry);
        };
        _wheel.Add(entry);

        _wheel.Tick(1000);
        Assert.Equal(1, _wheel.Count);
        entry.Then = null;
        _wheel.Tick(2000);
        Assert.Equal([1000, 2000], entry.FiredAt);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_callback_that_throws_is_counted_and_does_not_prevent_others_from_firing()
    {
        RecordingTimerEntry[] entries = [.. Enumerable.Range(0, 6).Select(_ => new RecordingTimerEntry(1000))];
        foreach (RecordingTimerEntry entry in entries)
        {
            entry.Then = _ => throw new InvalidOperationException("on purpose");
            _wheel.Add(entry);
        }

        Assert.IsType<InvalidOperationException>(_wheel.Tick(1000));
        Assert.Equal(6, _wheel.Fired);
        Assert.Equal(6, _wheel.Failed);
        Assert.Null(_wheel.Tick(1100));
    }

    [Fact]
    public void An_entry_whose_callback_threw_stays_scheduled()
    {
        var entry = new RecordingTimerEntry(1000);
        entry.Then = now =>
        {
            entry.Deadline = now + 1000;
            throw new InvalidOperationException("on purpose");
        };
        _wheel.Add(entry);

        _wheel.Tick(1000);
        _wheel.Tick(2000);
        Assert.Equal([1000, 2000], entry.FiredAt);
    }

    [Fact]
    public void An_entry_whose_deadline_throws_is_dropped_and_counted()
    {
        var broken = new BrokenTimerEntry();
        var healthy = new RecordingTimerEntry(1000);
        _wheel.Add(healthy);
        _wheel.Add(broken);
        broken.Broken = true;

        Assert.IsType<InvalidOperationException>(_wheel.Tick(1000));
        Assert.Single(healthy.FiredAt);
        Assert.Equal(1, _wheel.Failed);
        Assert.Equal(0, _wheel.Count);
    }
}
