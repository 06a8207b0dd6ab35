namespace FastGate.Http.Admin;

/// <summary>The restart, as the admin listener asks for it.</summary>
internal interface IGatewayRestart
{
    RestartReport Report();

    /// <summary>Returns at once. The report is called with null when the restart is about to happen, and with a reason when it fails.</summary>
    void Begin(Action<string?> report);
}
