using FastGate.Llm.Calls;
using FastGate.Transport.Concurrency;

namespace FastGate.Conversation;

/// <summary>
/// One question on its way to an answer. Made by a connection's session, used once. What the workers keep of it is theirs alone.
/// </summary>
internal sealed class Turn : IStackNode<Turn>
{
    private volatile TurnPhase _phase;

    public required string Utterance { get; init; }

    public required IReplySink Sink { get; init; }

    /// <summary>Purpose the LLM is chosen by; empty is <c>chat</c>.</summary>
    public string? Purpose { get; init; }

    public TurnKind Kind { get; init; }

    /// <summary>The session's number of this turn; the workers only carry it.</summary>
    public int Number { get; init; }

    /// <summary>Link of the dialogue's mailbox.</summary>
    public Turn? Next { get; set; }

    public bool IsCancelled => Cancellation.IsRequested || Sink.IsCancelled;

    internal LlmCancellation Cancellation { get; } = new();

    internal TurnPhase Phase => _phase;

    /// <summary>Timestamp of the submission.</summary>
    internal long SubmittedAt { get; set; }

    /// <summary>Erasures of memory when the words were said: one that comes later takes the turn with it.</summary>
    internal long Erasures { get; set; }

    public static Turn Departure() => new() { Utterance = string.Empty, Sink = NullReplySink.Instance, Kind = TurnKind.Departure };

    /// <summary>Takes one step, if the turn still stands where the caller believes.</summary>
    internal bool TryMove(TurnPhase from, TurnPhase to) => Interlocked.CompareExchange(ref _phase, to, from) == from;
}
