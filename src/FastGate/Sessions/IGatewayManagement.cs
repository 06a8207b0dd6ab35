namespace FastGate.Sessions;

/// <summary>What a <c>server</c> message may set in motion. Implemented by the host; both return at once.</summary>
internal interface IGatewayManagement
{
    /// <summary>Starts a restart; the reply to the sender has been flushed already.</summary>
    void BeginRestart();

    /// <summary>Reloads the configuration off the caller's thread and reports whether it was taken.</summary>
    void BeginReload(Action<bool> completed);
}
