namespace FastGate.Http.Admin;

/// <summary>Who sent a request of the admin listener. <see cref="AdminGuard"/> sets it as a feature of the request; without it every route refuses.</summary>
internal sealed record AdminCaller(AdminRole Role, string Address);
