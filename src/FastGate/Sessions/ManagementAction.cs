namespace FastGate.Sessions;

/// <summary>What <c>server</c> messages asked for, to be begun once the reply has left. One read may bring both.</summary>
[Flags]
internal enum ManagementAction
{
    None = 0,
    Restart = 1,
    Reload = 2,
}
