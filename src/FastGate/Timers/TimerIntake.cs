using FastGate.Transport.Concurrency;

namespace FastGate.Timers;

/// <summary>
/// Requests to the wheel from any thread. A stack linked through the entries, so that nothing is allocated and no thread waits. It holds an
/// entry at most once and is therefore bounded by the number of entries.
/// </summary>
/// <remarks>
/// The request itself is the entry's state, two bits: <c>Queued</c> (on the stack, or about to be pushed by the thread that set it) and
/// <c>Cancelled</c> (clear means armed). The stack only says which entries to look at.
///
/// Why no request is lost. A request replaces the whole state in one exchange. If Queued was clear, this thread pushes. If it was set, another
/// thread has pushed or will, and the drain clears Queued by an interlocked step before it acts on the state it read. Both are full fences on
/// one word, so one of them comes first: either the drain sees this request and the deadline stored before it, or the request finds Queued
/// clear and pushes again.
///
/// Why the link is safe. Only the thread that turned Queued from clear to set owns the link, until its push is done; the drain reads and clears
/// the link before it clears Queued. See <see cref="IntrusiveStack{T}"/> for the rest.
///
/// Progress. One limit: a request that found Queued set relies on the push of another thread, which may be preempted between its exchange and
/// its push. A cancellation takes effect at once even then, because the wheel checks Cancelled before it fires; an arming waits for those few
/// instructions.
/// </remarks>
internal sealed class TimerIntake
{
    private const int Queued = 1;
    private const int Cancelled = 2;

    private IntrusiveStack<TimerEntry> _entries;

    /// <summary>Deadlines that threw when they were read. The wheel's owner only.</summary>
    public long Failed { get; private set; }

    public bool IsEmpty => _entries.IsEmpty;

    public static bool IsCancelled(TimerEntry entry) => (Volatile.Read(ref entry._state) & Cancelled) != 0;

    /// <summary>Requests that the wheel files the entry by its deadline; the last request wins. Any thread.</summary>
    public void Arm(TimerEntry entry)
    {
        if ((Interlocked.Exchange(ref entry._state, Queued) & Queued) == 0)
        {
            _entries.Push(entry);
        }
    }

    /// <summary>Requests that the wheel removes the entry; the last request wins. Any thread.</summary>
    public void Cancel(TimerEntry entry)
    {
        // Cancelled before, and already removed.
        if (Volatile.Read(ref entry._state) == Cancelled)
        {
            return;
        }

        if ((Interlocked.Exchange(ref entry._state, Queued | Cancelled) & Queued) == 0)
        {
            _entries.Push(entry);
        }
    }

    /// <summary>Carries out all requests. The wheel's owner only.</summary>
    /// <returns>The first exception that reading a deadline threw, or null. That entry is not filed; the others are.</returns>
    public Exception? DrainInto(TimerWheel wheel)
    {
        Exception? failure = null;
        TimerEntry? entry = _entries.TakeAll();
        while (entry is not null)
        {
            TimerEntry? next = entry._nextInQueue;
            entry._nextInQueue = null;
            int state = Interlocked.And(ref entry._state, ~Queued);
            try
            {
                if ((state & Cancelled) != 0)
                {
                    wheel.Remove(entry);
                }
                else
                {
                    wheel.Add(entry);
                }
            }
            catch (Exception e)
            {
                Failed++;
                failure ??= e;
            }

            entry = next;
        }

        return failure;
    }
}
