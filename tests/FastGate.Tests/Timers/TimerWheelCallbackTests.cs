using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>What a callback may do to the wheel that runs it.</summary>
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
    public void A_callback_may_remove_just_the_entry_that_would_be_next()
    {
        var first = new RecordingTimerEntry(1000);
        var second = new RecordingTimerEntry(1000);
        var third = new RecordingTimerEntry(1000);
        // The last one added stands first in the bucket.
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
    public void A_callback_may_remove_and_add_again_others_and_they_fire_on_the_next_tick()
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
    public void A_callback_that_leaves_a_deadline_is_filed_again_by_it()
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
    public void A_deadline_left_in_the_past_fires_once_a_tick_also_after_a_jump()
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
    public void A_callback_may_remove_its_own_entry_for_good()
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
    public void A_callback_may_add_its_own_entry_and_is_filed_once()
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
    public void A_callback_that_throws_keeps_nobody_else_from_firing_and_is_counted()
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
    public void An_entry_whose_callback_threw_goes_on_by_its_next_deadline()
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
    public void An_entry_whose_deadline_cannot_be_read_is_dropped_and_counted()
    {
        var broken = new BrokenTimerEntry();
        var sound = new RecordingTimerEntry(1000);
        _wheel.Add(sound);
        _wheel.Add(broken);
        broken.Broken = true;

        Assert.IsType<InvalidOperationException>(_wheel.Tick(1000));
        Assert.Single(sound.FiredAt);
        Assert.Equal(1, _wheel.Failed);
        Assert.Equal(0, _wheel.Count);
    }
}
