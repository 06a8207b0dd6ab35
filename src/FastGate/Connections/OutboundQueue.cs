using FastGate.Sessions;

namespace FastGate.Connections;

/// <summary>
/// Messages from other threads to a connection's loop: any number of producers, one consumer, one word when empty.
/// Bounded in bytes; at the bound the message is refused and the connection ends as a slow reader.
/// </summary>
/// <remarks>
/// A stack of nodes that producers push by compare-and-swap and the loop takes whole by an exchange, then turns round into the order of posting.
/// A node is pushed once in its life, and taking takes all, so a head that was read can never be one that left and came back.
/// </remarks>
internal struct OutboundQueue
{
    /// <summary>Bytes counted for a queued message besides its payload.</summary>
    private const int NodeCost = 96;

    private OutboundMessage? _head;
    private int _bytes;

    /// <summary>Any thread. False at the bound: the message has not been queued.</summary>
    public bool TryPush(OutboundMessage message, int maxBytes)
    {
        int cost = message.Payload.Length + NodeCost;
        if (Interlocked.Add(ref _bytes, cost) > maxBytes)
        {
            Interlocked.Add(ref _bytes, -cost);
            return false;
        }

        OutboundMessage? head = Volatile.Read(ref _head);
        while (true)
        {
            message.Next = head;
            OutboundMessage? seen = Interlocked.CompareExchange(ref _head, message, head);
            if (ReferenceEquals(seen, head))
            {
                return true;
            }

            head = seen;
        }
    }

    /// <summary>Loop only. All queued messages, oldest first, linked by <see cref="OutboundMessage.Next"/>.</summary>
    public OutboundMessage? TakeAll()
    {
        OutboundMessage? newest = Interlocked.Exchange(ref _head, null);
        OutboundMessage? oldest = null;
        int cost = 0;
        while (newest is not null)
        {
            OutboundMessage? next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            cost += newest.Payload.Length + NodeCost;
            newest = next;
        }

        if (cost != 0)
        {
            Interlocked.Add(ref _bytes, -cost);
        }

        return oldest;
    }
}
