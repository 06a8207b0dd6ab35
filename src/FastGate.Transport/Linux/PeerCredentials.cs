namespace FastGate.Transport.Linux;

/// <summary>The process at the other end of a Unix socket when the socket was connected.</summary>
/// <param name="ProcessId">0 when it is not visible in this process's namespace.</param>
/// <param name="UserId">Its effective user.</param>
internal readonly record struct PeerCredentials(int ProcessId, uint UserId)
{
    /// <summary>The same user as this process, or root.</summary>
    public bool IsTrusted => UserId == 0 || UserId == LibC.EffectiveUser();
}
