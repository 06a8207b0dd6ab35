namespace FastGate.Conversation.Workers;

/// <summary>A snapshot of the workers for <c>GET /api/v1/status</c>.</summary>
/// <param name="Threads">Conversation threads; fixed.</param>
/// <param name="Waiting">Turns admitted and not started.</param>
/// <param name="Queue">Limit of waiting turns.</param>
/// <param name="InFlight">Turns in progress.</param>
/// <param name="Concurrency">Limit of turns in progress.</param>
/// <param name="Saturation">Turns in progress as a share of their limit, 0 to 1.</param>
/// <param name="Ready">Work items that wait for a thread.</param>
/// <param name="Rejected">Turns rejected since the start.</param>
/// <param name="Draining">New turns are rejected.</param>
internal sealed record ConversationStatus(
    int Threads, int Waiting, int Queue, int InFlight, int Concurrency, double Saturation, int Ready, long Rejected, bool Draining);
