namespace FastGate.Http.Admin;

/// <summary>One act: who did what to what, and with which result. <paramref name="Outcome"/> is done, refused, failed or repeated.</summary>
internal sealed record AuditRecord(
    long Id, DateTimeOffset At, AdminRole Role, string Address, string Act, string? Target, int Status, string Outcome, string RequestId);

/// <summary>Newest first; <paramref name="Total"/> includes acts that are no longer in memory. <paramref name="Next"/> is the value of <c>after</c> for older ones.</summary>
internal sealed record AuditPage(long Total, IReadOnlyList<AuditRecord> Acts, string? Next);
