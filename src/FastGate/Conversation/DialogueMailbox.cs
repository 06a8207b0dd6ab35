namespace FastGate.Conversation;

/// <summary>
/// The waiting turns of one dialogue. Any thread puts; one worker at a time takes, in the order of the puts. When threads race to put into an
/// empty mailbox, exactly one of them must schedule the dialogue.
/// </summary>
internal sealed class DialogueMailbox
{
    private Turn? _incoming;
    private Turn? _ordered;
    private int _count;
    private int _scheduled;

    public int Count => Volatile.Read(ref _count);

    /// <summary>True when the caller must schedule the dialogue.</summary>
    public bool Put(Turn turn)
    {
        Interlocked.Increment(ref _count);
        Turn? head = Volatile.Read(ref _incoming);
        while (true)
        {
            turn.Next = head;
            Turn? seen = Interlocked.CompareExchange(ref _incoming, turn, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        return Interlocked.Exchange(ref _scheduled, 1) == 0;
    }

    /// <summary>The next turn, or null. Only the worker the dialogue is scheduled on.</summary>
    public Turn? Take()
    {
        if (_ordered is null)
        {
            // The incoming stack is LIFO; reverse it.
            Turn? incoming = Interlocked.Exchange(ref _incoming, null);
            while (incoming is not null)
            {
                Turn? next = incoming.Next;
                incoming.Next = _ordered;
                _ordered = incoming;
                incoming = next;
            }
        }

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
    /// Ends the worker's turn with the dialogue. False when more turns wait and the caller must schedule it again: a thread that put into a
    /// scheduled mailbox has not scheduled it.
    /// </summary>
    public bool TryRelease()
    {
        if (_ordered is not null)
        {
            return false;
        }

        Interlocked.Exchange(ref _scheduled, 0);
        return Volatile.Read(ref _incoming) is null || Interlocked.Exchange(ref _scheduled, 1) != 0;
    }
}
