namespace FastGate.Memory;

/// <summary>State of the memory, reported by <c>GET /api/v1/status</c>.</summary>
/// <param name="Enabled">False with <c>Memory:Provider=none</c>.</param>
/// <param name="Threads">The writer and the reader; 0 when disabled.</param>
/// <param name="Pending">Entries accepted and not yet committed.</param>
/// <param name="PendingLimit">Entries at which new exchanges are refused.</param>
/// <param name="PendingBytes">Estimated memory of the pending entries.</param>
/// <param name="PendingBytesLimit">Bytes at which new exchanges are refused.</param>
/// <param name="Stored">Exchanges committed since the start.</param>
/// <param name="Refused">Exchanges refused at a limit or by the store since the start.</param>
/// <param name="Commits">Transactions since the start.</param>
/// <param name="LastCommitMs">Duration of the last transaction.</param>
/// <param name="LoadsWaiting">Reads waiting for the reader thread.</param>
/// <param name="LoadsLimit">Reads at which further ones are refused and a conversation continues without.</param>
/// <param name="Saturation">How full the fullest of the limits above is, 0 to 1.</param>
/// <param name="Degraded">Whether saves are waiting for a failing store.</param>
/// <param name="Reason">Why the store fails.</param>
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
