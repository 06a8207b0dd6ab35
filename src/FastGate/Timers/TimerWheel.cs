using System.Diagnostics;

namespace FastGate.Timers;

/// <summary>
/// A hashed timing wheel: 2,048 buckets of 100 ms, so one turn is 204.8 s and every default deadline lies within it.
/// An entry is filed under the first tick at or after its deadline, as an absolute number: one that is due in a later turn
/// is passed over by comparing that number, without counting rounds down.
/// </summary>
/// <remarks>
/// One thread owns the wheel; no member may be called from another. Now is an argument, in milliseconds, and never goes back.
/// Example: at tick 7 (now = 700..799) a deadline of 1,234 is filed under tick 13, bucket 13, and fires when Tick is first
/// called with now at or above 1,300. Moving the deadline further away is a store by its owner, of which the wheel learns when
/// bucket 13 comes round and files the entry anew; moving it nearer needs <see cref="Add"/>.
/// Budget: no member allocates (TimerAllocationTests). A tick costs the entries of one bucket, not all that are armed.
/// </remarks>
internal sealed class TimerWheel
{
    public const int TickMs = 100;
    public const int BucketCount = 2048;

    private readonly Bucket[] _buckets = new Bucket[BucketCount];

    // The last tick that was walked. While Tick walks it is already the tick walked to, so that whatever a callback files
    // lands beyond what this call still visits.
    private long _tick;

    // The entry that the walk visits next, while a callback runs; Unlink moves it on when a callback removes that very entry.
    private TimerEntry? _cursor;

    // The entry whose callback runs. Null again when the callback removed its own entry, which then is not filed anew.
    private TimerEntry? _firing;

    /// <param name="now">Time starts here: a deadline that has passed by then fires on the first tick.</param>
    public TimerWheel(long now) => _tick = now / TickMs;

    /// <summary>Entries filed.</summary>
    public int Count { get; private set; }

    /// <summary>Callbacks run so far.</summary>
    public long Fired { get; private set; }

    /// <summary>Entries filed anew so far because their deadline had moved away by the time their bucket came round.</summary>
    public long Refiled { get; private set; }

    /// <summary>Callbacks that threw so far.</summary>
    public long Failed { get; private set; }

    /// <summary>The time from which on <see cref="Tick"/> has something to do.</summary>
    public long NextTickAt => (_tick + 1) * TickMs;

    /// <summary>
    /// Files the entry by its deadline, also when it is filed already and the deadline has moved nearer. A deadline that has
    /// passed fires on the next tick; an entry without a deadline is taken out.
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
            // Filed no later than needed: its bucket will find out that there is time left.
            if (entry._dueTick <= due)
            {
                return;
            }

            Unlink(entry);
        }

        Link(entry, due);
    }

    /// <summary>Takes the entry out, wherever it is; nothing happens when it is not filed.</summary>
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

    /// <summary>
    /// Fires what is due at <paramref name="now"/>. However far the clock has jumped, at most one whole turn is walked.
    /// </summary>
    /// <returns>The first exception that a callback threw, or null. No exception keeps other entries from firing.</returns>
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
            // A deadline that cannot be read: the entry stays out until it is scheduled again.
            Failed++;
            failure ??= e;
        }
    }

    // A plain TimerEntry[] would check the type of every entry stored into it.
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
