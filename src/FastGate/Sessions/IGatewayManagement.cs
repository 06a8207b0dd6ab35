namespace FastGate.Sessions;

/// <summary>What a <c>server</c> message may set in motion. Implemented by the host; both return at once.</summary>
internal interface IGatewayManagement
{
    /// <summary>
    /// Starts a restart. <paramref name="told"/> hears null as soon as nothing is known to stand in its way, and the reason when it came to
    /// nothing, which may still be after that. It is called before any device is sent away.
    /// </summary>
    void BeginRestart(Action<string?> told);

    /// <summary>Reloads the configuration off the caller's thread and reports whether it was taken.</summary>
    void BeginReload(Action<bool> completed);
}
