using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>What the memory room tells. Event ids 4000-4999.</summary>
internal static partial class MemoryLog
{
    [LoggerMessage(4000, LogLevel.Information, "Memory is kept in {Path}")]
    public static partial void MemoryOpened(this ILogger logger, string path);

    [LoggerMessage(4001, LogLevel.Error, "Memory cannot be saved ({Failure}: {Reason}); conversations go on, {Pending} entries wait and are tried again")]
    public static partial void MemoryDegraded(this ILogger logger, string failure, string reason, int pending);

    [LoggerMessage(4002, LogLevel.Information, "Memory is saved again after {Seconds:F1} s; {Attempts} attempts failed")]
    public static partial void MemoryRecovered(this ILogger logger, double seconds, int attempts);

    [LoggerMessage(4003, LogLevel.Error, "The database {Path} is damaged ({Reason}); it is set aside as {SetAside} and a new one is started")]
    public static partial void MemorySetAside(this ILogger logger, string path, string reason, string setAside);

    [LoggerMessage(4004, LogLevel.Error, "No room for more unsaved turns ({Pending} entries, {Bytes} bytes wait); new turns are not kept until there is")]
    public static partial void MemoryRefusing(this ILogger logger, int pending, long bytes);

    [LoggerMessage(4005, LogLevel.Information, "Turns are kept again; {Refused} were not")]
    public static partial void MemoryAccepting(this ILogger logger, long refused);

    [LoggerMessage(4006, LogLevel.Error, "The store refuses a turn of device {DeviceId} for what it holds ({Reason}); it is left out")]
    public static partial void MemoryTurnRejected(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(4007, LogLevel.Error, "Stopped with {Pending} entries of memory unsaved")]
    public static partial void MemoryStoppedUnsaved(this ILogger logger, int pending);

    [LoggerMessage(4008, LogLevel.Warning, "Memory cannot be read ({Reason}); devices go on with what is known without it")]
    public static partial void MemoryReadFailed(this ILogger logger, string reason);

    [LoggerMessage(4009, LogLevel.Information, "Erased {Turns} turns older than {Days} days")]
    public static partial void MemoryRetained(this ILogger logger, int turns, int days);

    [LoggerMessage(4010, LogLevel.Warning, "No summary of device {DeviceId} could be made: {Reason}")]
    public static partial void SummaryFailed(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(4011, LogLevel.Warning, "Too many summaries wait ({Waiting}); those of further devices are made at their next occasion")]
    public static partial void SummariesPostponed(this ILogger logger, int waiting);
}
