namespace FastGate.LoadTest.Restarts;

/// <summary>The server that is restarted during the run.</summary>
internal interface IRestartableServer
{
    /// <summary>Asks for a restart and returns the server's answer; empty where there is none.</summary>
    /// <exception cref="Exception">The restart could not be asked for, or the server refused it.</exception>
    Task<string> RestartAsync(CancellationToken stop);

    /// <summary>Null when the process has ended.</summary>
    ProcessFootprint? Measure();

    /// <summary>The lines that the server has logged since the last call.</summary>
    IReadOnlyList<string> TakeLog();
}
