using FastGate.Conversation;
using FastGate.Transport.Concurrency;

namespace FastGate.Sessions;

/// <summary>
/// One message on its way from another thread to the loop that writes it. It is its own queue node: <see cref="Next"/>
/// belongs to the producer until the message is posted, then to the loop.
/// </summary>
internal sealed class OutboundMessage(OutboundKind kind, byte[] payload, int turn = 0) : IStackNode<OutboundMessage>
{
    public OutboundKind Kind { get; } = kind;

    /// <summary>UTF-8 of the JSON message; empty where the kind says it all.</summary>
    public byte[] Payload { get; } = payload;

    /// <summary>Number of the turn it belongs to; what belongs to a turn that is no longer current is dropped unwritten.</summary>
    public int Turn { get; } = turn;

    /// <summary>How the turn ended; meaningful for <see cref="OutboundKind.TurnEnd"/>.</summary>
    public TurnOutcome Outcome { get; init; }

    public OutboundMessage? Next { get; set; }
}
