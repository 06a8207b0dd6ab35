namespace FastGate.Http.Admin;

/// <summary><c>GET /api/v1/caller</c>.</summary>
internal sealed record CallerReport(AdminRole Role, string Address);
