namespace FastGate.LoadTest.Restarts;

/// <summary>How a restart is asked for.</summary>
internal enum RestartTrigger
{
    /// <summary>The <c>server</c> message, over one connection that stays open for all restarts.</summary>
    Message,

    /// <summary><c>POST /api/v1/restart</c>.</summary>
    Api,

    /// <summary>SIGUSR2.</summary>
    Signal,
}
