namespace FastGate.Sessions;

/// <summary>Actions requested by <c>server</c> messages and started after the next flush. One read may bring several.</summary>
[Flags]
internal enum ManagementAction : byte
{
    None = 0,
    Restart = 1,
    Reload = 2,
}
