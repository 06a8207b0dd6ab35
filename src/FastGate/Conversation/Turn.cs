using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using FastGate.Transport.Concurrency;

namespace FastGate.Conversation;

/// <summary>One utterance on its way to a reply. Created by a connection's session and submitted once; the internal members belong to the workers.</summary>
internal sealed class Turn : IStackNode<Turn>
{
    private volatile Phase _phase;

    private enum Phase
    {
        New,
        Waiting,

        /// <summary>Cancelled before its start: no longer counted as waiting, and ended when a worker takes it.</summary>
        Dropped,
        Running,
        Done,
    }

    /// <summary>The user's words. Those of a turn that began early are replaced once, when the whole words are known.</summary>
    public required string Utterance { get; set; }

    public required IReplySink Sink { get; init; }

    /// <summary>Purpose that selects the LLM; null is <c>chat</c>.</summary>
    public string? Purpose { get; init; }

    public TurnKind Kind { get; init; }

    /// <summary>Language of the texts of this turn.</summary>
    public SessionLanguage Language { get; init; }

    /// <summary>How the utterance was heard; null for one that was typed.</summary>
    public HeardUtterance? Heard { get; set; }

    /// <summary>For a turn that began from partial words; null for every other.</summary>
    public EarlyReply? Early => Sink as EarlyReply;

    /// <summary>Link of the dialogue's mailbox.</summary>
    public Turn? Next { get; set; }

    public bool IsCancelled => Cancellation.IsRequested;

    internal LlmCancellation Cancellation { get; } = new();

    internal bool IsRunning => _phase == Phase.Running;

    /// <summary>Timestamp of the submission.</summary>
    public long SubmittedAt { get; set; }

    /// <summary>Timestamp of the start, 0 before it. Written by the worker, read by the connection's loop: at worst it sees the 0.</summary>
    public long StartedAt { get; set; }

    /// <summary>Timestamp of the first text of the reply; as <see cref="StartedAt"/>.</summary>
    public long FirstTextAt { get; set; }

    /// <summary>The memory's erasure number at the submission: a later erasure removes this turn too.</summary>
    internal long Erasures { get; set; }

    /// <summary>Marks the end of a dialogue in its mailbox; its sink is never called.</summary>
    public static Turn Departure() => new() { Utterance = string.Empty, Sink = null!, Kind = TurnKind.Departure };

    /// <summary>The words of a turn that began early are whole: its reply goes to the sink. False when it was dropped. The connection's loop.</summary>
    public bool TryRelease(string utterance, HeardUtterance? heard, IReplySink sink)
    {
        // Written before the worker can see the release.
        Utterance = utterance;
        Heard = heard;
        return Early is { } early && early.TryRelease(sink);
    }

    /// <summary>False for a turn that was submitted before.</summary>
    internal bool TryAdmit() => TryMove(Phase.New, Phase.Waiting);

    /// <summary>False for a turn that was dropped.</summary>
    internal bool TryStart() => TryMove(Phase.Waiting, Phase.Running);

    /// <summary>Cancels a waiting turn. False when it has started already.</summary>
    internal bool TryDrop() => TryMove(Phase.Waiting, Phase.Dropped);

    internal void Finish() => TryMove(Phase.Running, Phase.Done);

    private bool TryMove(Phase from, Phase to) => Interlocked.CompareExchange(ref _phase, to, from) == from;
}
