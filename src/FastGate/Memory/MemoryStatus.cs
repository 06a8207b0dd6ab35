namespace FastGate.Memory;

/// <summary>How the memory room is doing, as told by <c>GET /api/v1/status</c>.</summary>
/// <param name="Enabled">False with <c>Memory:Provider=none</c>.</param>
/// <param name="Threads">One that writes and one that reads; none when nothing is kept.</param>
/// <param name="Pending">Entries accepted and not yet committed.</param>
/// <param name="PendingLimit">Where new turns are refused.</param>
/// <param name="PendingBytes">Memory those entries hold, estimated.</param>
/// <param name="PendingBytesLimit">Where new turns are refused.</param>
/// <param name="Stored">Turns committed since the start.</param>
/// <param name="Refused">Turns refused at the bound or by the store since the start.</param>
/// <param name="Commits">Transactions since the start.</param>
/// <param name="LastCommitMs">How long the last of them took.</param>
/// <param name="LoadsWaiting">Reads waiting for the reader thread.</param>
/// <param name="LoadsLimit">Where reads are refused and a conversation goes on without.</param>
/// <param name="Saturation">How full the fullest of the bounds above is, 0 to 1.</param>
/// <param name="Degraded">Whether saves are waiting for a store in trouble.</param>
/// <param name="Reason">What the trouble is.</param>
internal sealed record MemoryStatus(
    bool Enabled,
    int Threads,
    int Pending,
    int PendingLimit,
    long PendingBytes,
    long PendingBytesLimit,
    long Stored,
    long Refused,
    long Commits,
    double LastCommitMs,
    int LoadsWaiting,
    int LoadsLimit,
    double Saturation,
    bool Degraded,
    string? Reason);
