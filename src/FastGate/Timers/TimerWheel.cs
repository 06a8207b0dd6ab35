using System.Diagnostics;

namespace FastGate.Timers;

/// <summary>
/// A hashed timing wheel: 2,048 buckets of 100 ms, so one turn is 204.8 s and every default deadline lies within it.
/// An entry is filed under the first tick at or after its deadline, as an absolute number; comparing that number skips an entry that is due
/// in a later turn, without counting rounds.
/// </summary>
/// <remarks>
/// One thread owns the wheel; no member may be called from another. Time is an argument, in milliseconds, and never decreases.
/// Example: at tick 7 (now = 700..799) a deadline of 1,234 is filed under tick 13, bucket 13, and fires when Tick is first
/// called with now at or above 1,300. Moving the deadline later is a store by its owner; the wheel reads it when bucket 13 is due and
/// files the entry again. Moving it earlier needs <see cref="Add"/>.
/// Budget: no allocation; enforced by TimerAllocationTests. A tick visits the entries of one bucket, not all armed ones.
/// </remarks>
internal sealed class TimerWheel
{
    public const int TickMs = 100;
    public const int BucketCount = 2048;

    private readonly Bucket[] _buckets = new Bucket[BucketCount];

    // The last tick that was walked. During a walk it is already the target tick, so that an entry filed by a callback lands beyond what
    // this walk still visits.
    private long _tick;

    // While a callback runs, the entry that the walk visits next; Unlink advances it when a callback removes that entry.
    private TimerEntry? _cursor;

    // The entry whose callback runs; null when the callback removed its own entry, which is then not filed again.
    private TimerEntry? _firing;

    /// <param name="now">The start time; an earlier deadline fires on the first tick.</param>
    public TimerWheel(long now) => _tick = now / TickMs;

    /// <summary>Entries filed.</summary>
    public int Count { get; private set; }

    /// <summary>Callbacks run in total.</summary>
    public long Fired { get; private set; }

    /// <summary>Entries filed again in total, because their deadline had moved later before their bucket was due.</summary>
    public long Refiled { get; private set; }

    /// <summary>Callbacks and deadlines that threw in total.</summary>
    public long Failed { get; private set; }

    /// <summary>The earliest time at which <see cref="Tick"/> walks a bucket.</summary>
    public long NextTickAt => (_tick + 1) * TickMs;

    /// <summary>
    /// Files the entry by its deadline, also when it is already filed and the deadline has moved earlier. A deadline in the past fires on the
    /// next tick; an entry without a deadline is removed.
    /// </summary>
    public void Add(TimerEntry entry)
    {
        long deadline = entry.NextDeadline;
        if (deadline == TimerEntry.Never)
        {
            Remove(entry);
            return;
        }

        long due = Math.Max(FirstTickAtOrAfter(deadline), _tick + 1);
        if (entry._dueTick != TimerEntry.NotFiled)
        {
            // Filed early enough: when its bucket is due, the entry is filed again.
            if (entry._dueTick <= due)
            {
                return;
            }

            Unlink(entry);
        }

        Link(entry, due);
    }

    /// <summary>Removes the entry; does nothing when it is not filed.</summary>
    public void Remove(TimerEntry entry)
    {
        if (entry == _firing)
        {
            _firing = null;
        }

        if (entry._dueTick != TimerEntry.NotFiled)
        {
            Unlink(entry);
        }
    }

    /// <summary>The entries filed, in no order.</summary>
    public List<TimerEntry> List()
    {
        var entries = new List<TimerEntry>(Count);
        foreach (Bucket bucket in _buckets)
        {
            for (TimerEntry? entry = bucket.First; entry is not null; entry = entry._nextInBucket)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>
    /// Fires the entries due at <paramref name="now"/>. However far the clock has jumped, it walks each bucket at most once.
    /// </summary>
    /// <returns>The first exception that a callback threw, or null. An exception does not prevent other entries from firing.</returns>
    public Exception? Tick(long now)
    {
        long target = now / TickMs;
        long first = _tick + 1;
        if (target < first)
        {
            return null;
        }

        _tick = target;
        long last = Math.Min(target, first + BucketCount - 1);
        Exception? failure = null;
        for (long tick = first; tick <= last; tick++)
        {
            if (_buckets[tick & (BucketCount - 1)].First is { } head)
            {
                Walk(head, target, now, ref failure);
            }
        }

        return failure;
    }

    private void Walk(TimerEntry head, long target, long now, ref Exception? failure)
    {
        TimerEntry? entry = head;
        while (entry is not null)
        {
            TimerEntry? next = entry._nextInBucket;
            if (entry._dueTick <= target)
            {
                _cursor = next;
                Expire(entry, now, ref failure);
                next = _cursor;
            }

            entry = next;
        }

        _cursor = null;
    }

    private void Expire(TimerEntry entry, long now, ref Exception? failure)
    {
        Unlink(entry);
        try
        {
            if (TimerIntake.IsCancelled(entry))
            {
                return;
            }

            if (entry.NextDeadline > now)
            {
                Refiled++;
                Add(entry);
                return;
            }

            _firing = entry;
            Fired++;
            entry.OnDeadline(now);
        }
        catch (Exception e)
        {
            Failed++;
            failure ??= e;
        }

        FileAgain(entry, ref failure);
    }

    private void FileAgain(TimerEntry entry, ref Exception? failure)
    {
        bool removedByCallback = _firing != entry;
        _firing = null;
        if (removedByCallback || TimerIntake.IsCancelled(entry))
        {
            return;
        }

        try
        {
            Add(entry);
        }
        catch (Exception e)
        {
            // The deadline cannot be read: the entry is dropped until it is scheduled again.
            Failed++;
            failure ??= e;
        }
    }

    // A struct, because a TimerEntry[] checks the type of every entry stored into it.
    private struct Bucket
    {
        public TimerEntry? First;
    }

    private static long FirstTickAtOrAfter(long deadline) => (deadline / TickMs) + (deadline % TickMs > 0 ? 1 : 0);

    private void Link(TimerEntry entry, long dueTick)
    {
        Debug.Assert(entry._dueTick == TimerEntry.NotFiled, "An entry is filed in one bucket at a time.");
        ref TimerEntry? first = ref _buckets[dueTick & (BucketCount - 1)].First;
        TimerEntry? second = first;
        entry._dueTick = dueTick;
        entry._nextInBucket = second;
        if (second is not null)
        {
            second._previousInBucket = entry;
        }

        first = entry;
        Count++;
    }

    private void Unlink(TimerEntry entry)
    {
        TimerEntry? next = entry._nextInBucket;
        TimerEntry? previous = entry._previousInBucket;
        if (entry == _cursor)
        {
            _cursor = next;
        }

        if (previous is not null)
        {
            previous._nextInBucket = next;
        }
        else
        {
            _buckets[entry._dueTick & (BucketCount - 1)].First = next;
        }

        if (next is not null)
        {
            next._previousInBucket = previous;
        }

        entry._nextInBucket = null;
        entry._previousInBucket = null;
        entry._dueTick = TimerEntry.NotFiled;
        Count--;
    }
}
