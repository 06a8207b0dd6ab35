namespace FastGate.Configuration.Loading;

/// <summary>The reloads since the start. The error is that of the last reload, and null when that one succeeded.</summary>
internal sealed record ReloadStatus(long Applied, long Refused, string? LastError, DateTimeOffset? LastErrorAt)
{
    public static ReloadStatus None { get; } = new(0, 0, null, null);
}
