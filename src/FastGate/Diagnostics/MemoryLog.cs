using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the memory store; event ids 4000 to 4999.</summary>
internal static partial class MemoryLog
{
    [LoggerMessage(4000, LogLevel.Information, "Memory is stored in {Path}")]
    public static partial void MemoryOpened(this ILogger logger, string path);

    [LoggerMessage(4001, LogLevel.Error, "Saving memory failed ({Failure}: {Reason}); conversations continue, {Pending} entries wait for a retry")]
    public static partial void MemoryDegraded(this ILogger logger, string failure, string reason, int pending);

    [LoggerMessage(4002, LogLevel.Information, "Memory is saved again after {Seconds:F1} s; {Attempts} attempts failed")]
    public static partial void MemoryRecovered(this ILogger logger, double seconds, int attempts);

    [LoggerMessage(4003, LogLevel.Error, "Database {Path} is damaged ({Reason}); it is set aside as {SetAside} and a new one is created")]
    public static partial void MemorySetAside(this ILogger logger, string path, string reason, string setAside);

    [LoggerMessage(4004, LogLevel.Error, "The limit of unsaved turns is reached ({Pending} entries, {Bytes} bytes); further turns are discarded until some are saved")]
    public static partial void MemoryRefusing(this ILogger logger, int pending, long bytes);

    [LoggerMessage(4005, LogLevel.Information, "Turns are accepted again; {Refused} were discarded")]
    public static partial void MemoryAccepting(this ILogger logger, long refused);

    [LoggerMessage(4006, LogLevel.Error, "The store rejected a turn of device {DeviceId} ({Reason}); skipping it")]
    public static partial void MemoryTurnRejected(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(4007, LogLevel.Error, "Stopped with {Pending} unsaved memory entries")]
    public static partial void MemoryStoppedUnsaved(this ILogger logger, int pending);

    [LoggerMessage(4008, LogLevel.Warning, "Reading memory failed ({Reason}); conversations continue without it")]
    public static partial void MemoryReadFailed(this ILogger logger, string reason);

    [LoggerMessage(4009, LogLevel.Information, "Erased {Turns} turns older than {Days} days")]
    public static partial void MemoryRetained(this ILogger logger, int turns, int days);

    [LoggerMessage(4010, LogLevel.Warning, "Summarizing device {DeviceId} failed: {Reason}")]
    public static partial void SummaryFailed(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(4011, LogLevel.Warning, "Too many summaries wait ({Waiting}); those of further devices are postponed")]
    public static partial void SummariesPostponed(this ILogger logger, int waiting);
}
