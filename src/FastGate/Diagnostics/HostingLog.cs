using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>What starting and stopping log. Ids 1000-1099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1000, LogLevel.Information, "FastGate {Version} is up after {Milliseconds} ms, process {ProcessId}, transport {Transport}")]
    public static partial void Up(this ILogger logger, string version, long milliseconds, int processId, string transport);

    [LoggerMessage(1001, LogLevel.Information, "{Door}: {Url}")]
    public static partial void ListenerOpen(this ILogger logger, string door, string url);

    [LoggerMessage(1002, LogLevel.Information, "Draining: {Devices} devices connected, new ones are refused")]
    public static partial void DrainBegun(this ILogger logger, int devices);

    [LoggerMessage(1003, LogLevel.Information, "Drained {Devices} devices in {Milliseconds} ms; memory on disk: {Kept}")]
    public static partial void DrainEnded(this ILogger logger, int devices, long milliseconds, bool kept);

    [LoggerMessage(1004, LogLevel.Information, "Restart asked for: process {ProcessId} takes over when this one has drained")]
    public static partial void SuccessorStarted(this ILogger logger, int processId);

    [LoggerMessage(1005, LogLevel.Information, "Restart asked for: exiting for the supervisor to start the next one")]
    public static partial void ExitForSupervisor(this ILogger logger);

    [LoggerMessage(1011, LogLevel.Error, "Restart asked for, but refused: {Reason}; serving goes on")]
    public static partial void RestartRefused(this ILogger logger, string reason);

    [LoggerMessage(1012, LogLevel.Error, "Process {ProcessId}, which was to take over, has ended before its turn; starting another")]
    public static partial void SuccessorLost(this ILogger logger, int processId);

    [LoggerMessage(1013, LogLevel.Error, "No process could be started to take over; this one drains and ends")]
    public static partial void NoSuccessor(this ILogger logger, Exception? exception);

    [LoggerMessage(1007, LogLevel.Warning, "The process this one replaces is still there after {Seconds} s; trying its ports all the same")]
    public static partial void PredecessorStays(this ILogger logger, double seconds);

    [LoggerMessage(1009, LogLevel.Debug, "{Leavers} devices have left: giving their memory back")]
    public static partial void GivingMemoryBack(this ILogger logger, long leavers);

    [LoggerMessage(1010, LogLevel.Error, "Restart asked for, but it could not be begun; serving goes on")]
    public static partial void RestartFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1014, LogLevel.Information, "No config.yaml in {Folder}: FastGate's own keys and defaults are in force")]
    public static partial void NoOldConfiguration(this ILogger logger, string folder);

    [LoggerMessage(1008, LogLevel.Critical, "{Reason}")]
    public static partial void CannotStart(this ILogger logger, string reason);

    [LoggerMessage(1090, LogLevel.Warning, "{LeftOut} more lines of event {Event} were left out within a second")]
    public static partial void LinesLeftOut(this ILogger logger, long leftOut, int @event);
}
