namespace FastGate.Sessions;

/// <summary>The actions behind a <c>server</c> message; implemented in Hosting. Both methods return at once.</summary>
internal interface IGatewayManagement
{
    /// <summary>
    /// Starts a restart. <paramref name="report"/> gets null when no obstacle is known, before any device is disconnected, and the reason when
    /// the restart fails, which may be later.
    /// </summary>
    void BeginRestart(Action<string?> report);

    /// <summary>Reloads the configuration on another thread and reports whether it was applied.</summary>
    void BeginReload(Action<bool> completed);
}
