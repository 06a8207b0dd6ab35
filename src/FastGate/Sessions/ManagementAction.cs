namespace FastGate.Sessions;

/// <summary>What a <c>server</c> message asked for, to be begun once its reply has left.</summary>
internal enum ManagementAction
{
    None,
    Restart,
    Reload,
}
