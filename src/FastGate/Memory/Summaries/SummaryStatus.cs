namespace FastGate.Memory.Summaries;

/// <summary>State of the summaries, reported by <c>GET /api/v1/status</c>.</summary>
/// <param name="Threads">Loops that make summaries, one at a time each. The name dates from when each had a thread and is part of the HTTP contract.</param>
/// <param name="Waiting">Devices waiting for a summary.</param>
/// <param name="Queue">How many devices may wait; the summaries of further ones are postponed.</param>
/// <param name="InFlight">Summaries in progress.</param>
/// <param name="Saturation">0 when all loops are idle, 1 when all are busy.</param>
/// <param name="Devices">Connected devices with exchanges since their last summary, and devices whose summary waits or is in progress.</param>
internal sealed record SummaryStatus(int Threads, int Waiting, int Queue, int InFlight, double Saturation, int Devices);
