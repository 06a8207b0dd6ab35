namespace FastGate.Http.Admin;

/// <summary>The tokens of the admin listener. Without a token to operate there is no token to view either: the configuration refuses that.</summary>
internal readonly record struct AdminTokens(string? Operate, string? View = null);
