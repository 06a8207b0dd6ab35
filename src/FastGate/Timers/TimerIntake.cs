namespace FastGate.Timers;

/// <summary>
/// The way into the wheel from any thread: a stack linked through the entries themselves, so that nothing is allocated and
/// nobody waits. It holds an entry at most once, so it is bounded by the number of entries; there is no policy at the bound.
/// </summary>
/// <remarks>
/// What is wanted lives in the entry's state, two bits: <c>Queued</c> (on the stack, or about to be put there by the thread
/// that set it) and <c>Cancelled</c> (not wanted; clear means armed). The stack only says "look at this entry".
///
/// Why nothing is lost. A request replaces the whole state in one exchange. If Queued was clear, this thread pushes. If it
/// was set, some thread has pushed or will, and the drain clears Queued in an interlocked step before it acts on what it reads,
/// so it sees this request's wish, and the deadline stored before it: the exchange and the clearing are both full fences on one
/// word, one of them comes first, and a request that came after the clearing found Queued clear and pushes anew.
///
/// Why the link is safe. Only the thread that turned Queued from clear to set writes _nextInQueue, until its push is done; the
/// drain reads and clears it before it clears Queued. So it has one writer at a time. The stack is emptied by one exchange of
/// its top, and a push compares against the top it linked to: an entry that left and came back between (ABA) is then
/// the top again with a stack that this push links to correctly, since what lies below is reached through it.
///
/// Progress. Pushing is lock-free, draining wait-free. One honest limit: a request that found Queued set relies on another
/// thread's push, which may be preempted between its exchange and its push. A cancellation is nevertheless in force at once,
/// because the wheel looks at Cancelled before it fires; an arming waits those few instructions of the other thread.
/// </remarks>
internal sealed class TimerIntake
{
    private const int Queued = 1;
    private const int Cancelled = 2;

    private TimerEntry? _top;

    /// <summary>Deadlines that could not be read so far. The wheel's owner only.</summary>
    public long Failed { get; private set; }

    public bool IsEmpty => Volatile.Read(ref _top) is null;

    public static bool IsCancelled(TimerEntry entry) => (Volatile.Read(ref entry._state) & Cancelled) != 0;

    /// <summary>Asks for the entry to be filed by its deadline; the last request wins. Any thread.</summary>
    public void Arm(TimerEntry entry)
    {
        if ((Interlocked.Exchange(ref entry._state, Queued) & Queued) == 0)
        {
            Push(entry);
        }
    }

    /// <summary>Asks for the entry to be taken out; the last request wins. Any thread.</summary>
    public void Cancel(TimerEntry entry)
    {
        // Cancelled before, and taken out since.
        if (Volatile.Read(ref entry._state) == Cancelled)
        {
            return;
        }

        if ((Interlocked.Exchange(ref entry._state, Queued | Cancelled) & Queued) == 0)
        {
            Push(entry);
        }
    }

    /// <summary>Carries out everything asked for. The wheel's owner only.</summary>
    /// <returns>The first exception that reading a deadline threw, or null; that entry is not filed, the others are.</returns>
    public Exception? DrainInto(TimerWheel wheel)
    {
        Exception? failure = null;
        TimerEntry? entry = IsEmpty ? null : Interlocked.Exchange(ref _top, null);
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

    private void Push(TimerEntry entry)
    {
        TimerEntry? top = Volatile.Read(ref _top);
        while (true)
        {
            entry._nextInQueue = top;
            TimerEntry? seen = Interlocked.CompareExchange(ref _top, entry, top);
            if (seen == top)
            {
                return;
            }

            top = seen;
        }
    }
}
