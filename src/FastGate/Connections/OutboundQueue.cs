using FastGate.Sessions;
using FastGate.Transport.Concurrency;

namespace FastGate.Connections;

/// <summary>
/// Messages from other threads to a connection's loop: many producers, one consumer. Bounded in bytes; a message beyond the bound is refused
/// and the connection is closed as a slow reader.
/// </summary>
internal struct OutboundQueue
{
    /// <summary>Bytes counted for a queued message besides its payload.</summary>
    private const int NodeCost = 96;

    private IntrusiveStack<OutboundMessage> _messages;
    private int _bytes;

    /// <summary>Any thread. False at the bound: the message has not been queued.</summary>
    public bool TryPush(OutboundMessage message, int maxBytes)
    {
        int cost = Cost(message);
        if (Interlocked.Add(ref _bytes, cost) > maxBytes)
        {
            Interlocked.Add(ref _bytes, -cost);
            return false;
        }

        _messages.Push(message);
        return true;
    }

    /// <summary>Loop only. All queued messages, oldest first, linked by <see cref="OutboundMessage.Next"/>.</summary>
    public OutboundMessage? TakeAll()
    {
        OutboundMessage? oldest = _messages.TakeAllInOrder();
        int cost = 0;
        for (OutboundMessage? message = oldest; message is not null; message = message.Next)
        {
            cost += Cost(message);
        }

        if (cost != 0)
        {
            Interlocked.Add(ref _bytes, -cost);
        }

        return oldest;
    }

    private static int Cost(OutboundMessage message) => message.Payload.Length + NodeCost;
}
