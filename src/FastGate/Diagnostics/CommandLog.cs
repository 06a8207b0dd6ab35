using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the commands to devices; event ids 7330 to 7339. Neither arguments nor results are logged.</summary>
internal static partial class CommandLog
{
    [LoggerMessage(7330, LogLevel.Information, "{Queued} commands to devices wait since before the start; {Unknown} were sent before it and count as failed, because their outcome is unknown")]
    public static partial void CommandsFound(this ILogger logger, int queued, int unknown);

    [LoggerMessage(7331, LogLevel.Error, "The store of the commands fails ({Reason}); commands are kept and tried again")]
    public static partial void CommandStoreFailed(this ILogger logger, string reason);

    [LoggerMessage(7332, LogLevel.Information, "The store of the commands works again")]
    public static partial void CommandStoreRecovered(this ILogger logger);

    [LoggerMessage(7333, LogLevel.Warning, "{Lost} commands to devices are lost with this process, because Memory:Provider is None")]
    public static partial void CommandsLost(this ILogger logger, int lost);

    [LoggerMessage(7334, LogLevel.Error, "Work on the commands to devices failed")]
    public static partial void CommandWorkFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7335, LogLevel.Warning, "Command {CommandId} of device {DeviceId} is lost, because the database was replaced")]
    public static partial void CommandRowMissing(this ILogger logger, long commandId, string deviceId);

    [LoggerMessage(7336, LogLevel.Error, "A command to device {DeviceId} failed")]
    public static partial void CommandFailed(this ILogger logger, Exception exception, string deviceId);
}
