using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of start, drain, restart and stop; event ids 1000 to 1099. 1004 to 1007, 1012 and 1013 are reserved: they were used by removed messages.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1000, LogLevel.Information, "FastGate {Version} is up after {Milliseconds} ms, process {ProcessId}, transport {Transport}")]
    public static partial void Up(this ILogger logger, string version, long milliseconds, int processId, string transport);

    [LoggerMessage(1001, LogLevel.Information, "{Listener}: {Url}")]
    public static partial void ListenerOpen(this ILogger logger, string listener, string url);

    [LoggerMessage(1002, LogLevel.Information, "Draining {Devices} connected devices; new connections are refused")]
    public static partial void DrainBegun(this ILogger logger, int devices);

    [LoggerMessage(1003, LogLevel.Information, "Drained {Devices} devices in {Milliseconds} ms; memory saved: {Kept}")]
    public static partial void DrainEnded(this ILogger logger, int devices, long milliseconds, bool kept);

    [LoggerMessage(1011, LogLevel.Error, "Restart refused: {Reason}; the gateway keeps serving")]
    public static partial void RestartRefused(this ILogger logger, string reason);

    [LoggerMessage(1009, LogLevel.Debug, "{Leavers} devices disconnected: returning their memory to the system")]
    public static partial void GivingMemoryBack(this ILogger logger, long leavers);

    [LoggerMessage(1010, LogLevel.Error, "Restart could not be started; the gateway keeps serving")]
    public static partial void RestartFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1014, LogLevel.Information, "No config.yaml in {Folder}: only FastGate's own keys and defaults apply")]
    public static partial void NoOldConfiguration(this ILogger logger, string folder);

    [LoggerMessage(1015, LogLevel.Warning, "Environment variable {Name} is not read; the nearest key is {Nearest}")]
    public static partial void UnknownVariable(this ILogger logger, string name, string nearest);

    [LoggerMessage(1016, LogLevel.Warning, "Cannot lock {Path}: {Reason}. A second server could open the same database")]
    public static partial void DatabaseNotLocked(this ILogger logger, string path, string reason);

    [LoggerMessage(1008, LogLevel.Critical, "{Reason}")]
    public static partial void CannotStart(this ILogger logger, string reason);

    [LoggerMessage(1090, LogLevel.Warning, "{LeftOut} more lines of event {Event} were left out within a second")]
    public static partial void LinesLeftOut(this ILogger logger, long leftOut, int @event);
}
