namespace FastGate.Commands;

/// <summary>Commands of operators to devices. Any thread.</summary>
internal interface IDeviceCommands : IDisposable
{
    /// <summary>Commands that have not ended.</summary>
    int Pending { get; }

    /// <summary>Commands that a device has and has not answered.</summary>
    int InFlight { get; }

    /// <summary>Whether commands survive the end of the process.</summary>
    bool IsDurable { get; }

    /// <summary>After adopted connections are registered.</summary>
    void Start();

    /// <summary>A device has become ready: it said hello, or its tools are listed. Called by event loops.</summary>
    void OnReady(string deviceId);

    /// <summary>Stores a command, and sends it when its device is ready.</summary>
    Task<CommandAnswer> SubmitAsync(NewCommand command);

    Task<CommandAnswer> FindAsync(long id);

    /// <summary>Withdraws a command that was not sent.</summary>
    Task<CommandAnswer> CancelAsync(long id);

    /// <summary>The commands of a device with ids below <paramref name="beforeId"/>, newest first.</summary>
    Task<CommandPage> ListAsync(string deviceId, long beforeId, int limit);

    /// <summary>Before a restart: sends no more commands and waits for the answers to those that were sent, within a limit.</summary>
    Task BeginQuietAsync(TimeSpan limit, Func<bool> isStopRequested);

    /// <summary>The restart did not happen.</summary>
    void EndQuiet();
}
