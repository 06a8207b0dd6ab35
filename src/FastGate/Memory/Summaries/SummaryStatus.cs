namespace FastGate.Memory.Summaries;

/// <summary>How the summaries are doing, as told by <c>GET /api/v1/status</c>.</summary>
/// <param name="Threads">Threads that ask for summaries, one at a time each.</param>
/// <param name="Waiting">Devices waiting for a summary.</param>
/// <param name="Queue">Where new ones are postponed to their next occasion.</param>
/// <param name="InFlight">Summaries being made.</param>
/// <param name="Saturation">0 with every thread idle, 1 with every thread busy.</param>
/// <param name="Devices">Devices that said something while connected, and those being summarised.</param>
internal sealed record SummaryStatus(int Threads, int Waiting, int Queue, int InFlight, double Saturation, int Devices);
