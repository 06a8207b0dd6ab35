namespace FastGate.Conversation.Workers;

/// <summary>The workers at one moment, for <c>GET /api/v1/status</c>.</summary>
/// <param name="Threads">Threads of the conversation; fixed.</param>
/// <param name="Waiting">Turns admitted and not begun.</param>
/// <param name="Queue">How many may wait.</param>
/// <param name="InFlight">Turns in progress.</param>
/// <param name="Concurrency">How many may be in progress.</param>
/// <param name="Saturation">Turns in progress as a share of those that may be, 0 to 1.</param>
/// <param name="Ready">Steps of turns that wait for a thread.</param>
/// <param name="Rejected">Turns refused since the start because the queue was full.</param>
/// <param name="Draining">No more turns are taken.</param>
internal sealed record ConversationStatus(
    int Threads, int Waiting, int Queue, int InFlight, int Concurrency, double Saturation, int Ready, long Rejected, bool Draining);
