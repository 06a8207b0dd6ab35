using FastGate.Transport.Concurrency;

namespace FastGate.Conversation;

/// <summary>
/// The waiting turns of one dialogue. Any thread puts; one worker at a time takes, in the order of putting. When several threads put into an
/// unscheduled mailbox, exactly one of them must schedule the dialogue.
/// </summary>
internal sealed class DialogueMailbox
{
    private IntrusiveStack<Turn> _incoming;
    private Turn? _ordered;
    private int _count;
    private int _scheduled;

    public int Count => Volatile.Read(ref _count);

    /// <summary>A worker has the dialogue, or will have it. Any thread; false shows what the last worker has done.</summary>
    public bool IsScheduled => Volatile.Read(ref _scheduled) != 0;

    /// <summary>True when the caller must schedule the dialogue.</summary>
    public bool Put(Turn turn)
    {
        Interlocked.Increment(ref _count);
        _incoming.Push(turn);
        return Interlocked.Exchange(ref _scheduled, 1) == 0;
    }

    /// <summary>The next turn, or null. Only the worker that the dialogue is scheduled on.</summary>
    public Turn? Take()
    {
        _ordered ??= _incoming.TakeAllInOrder();
        if (_ordered is not { } turn)
        {
            return null;
        }

        _ordered = turn.Next;
        turn.Next = null;
        Interlocked.Decrement(ref _count);
        return turn;
    }

    /// <summary>
    /// Ends the schedule. False when a turn arrived meanwhile and the caller keeps the dialogue scheduled: the thread that put it saw the
    /// mailbox scheduled and did nothing.
    /// </summary>
    public bool TryRelease()
    {
        if (_ordered is not null)
        {
            return false;
        }

        Interlocked.Exchange(ref _scheduled, 0);
        return _incoming.IsEmpty || Interlocked.Exchange(ref _scheduled, 1) != 0;
    }
}
