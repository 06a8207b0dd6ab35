using FastGate.Conversation;
using FastGate.Transport.Concurrency;

namespace FastGate.Sessions;

/// <summary>
/// A message from another thread to the loop that writes it. It is its own queue node: <see cref="Next"/> belongs to the producer until the
/// message is posted, then to the loop.
/// </summary>
internal class OutboundMessage(OutboundKind kind, byte[] payload, int turn = 0) : IStackNode<OutboundMessage>
{
    public OutboundKind Kind { get; } = kind;

    /// <summary>The JSON message in UTF-8, the framed sound, or an operator's text; empty for <see cref="OutboundKind.TurnEnd"/> and <see cref="OutboundKind.Heard"/>.</summary>
    public byte[] Payload { get; } = payload;

    /// <summary>Number of its turn, or 0. The loop drops messages of a turn that is no longer current.</summary>
    public int Turn { get; } = turn;

    /// <summary>How the turn ended; for <see cref="OutboundKind.TurnEnd"/>.</summary>
    public TurnOutcome Outcome { get; init; }

    /// <summary>What was heard; for <see cref="OutboundKind.Heard"/>.</summary>
    public Hearing? Hearing { get; init; }

    /// <summary>When it was queued; for <see cref="OutboundKind.Audio"/>.</summary>
    public long QueuedMs { get; set; }

    public OutboundMessage? Next { get; set; }
}
