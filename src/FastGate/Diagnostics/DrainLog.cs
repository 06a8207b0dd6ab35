using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the drain that an operator starts; event ids 7340 to 7349.</summary>
internal static partial class DrainLog
{
    [LoggerMessage(7340, LogLevel.Warning, "Drain of {Devices} begun: {Rate} a second, {Connected} devices are connected")]
    public static partial void FleetDrainBegun(this ILogger logger, string devices, int rate, int connected);

    [LoggerMessage(7341, LogLevel.Information, "Drain of {Devices}: no such device is left, {Closed} were closed; new devices are refused until the drain is cancelled")]
    public static partial void FleetDrainDone(this ILogger logger, string devices, long closed);

    [LoggerMessage(7342, LogLevel.Warning, "Drain of {Devices} cancelled; it has closed {Closed}")]
    public static partial void FleetDrainCancelled(this ILogger logger, string devices, long closed);

    [LoggerMessage(7343, LogLevel.Warning, "The restart ends the drain of {Devices}: the new program accepts devices again")]
    public static partial void FleetDrainEndsWithRestart(this ILogger logger, string devices);

    [LoggerMessage(7344, LogLevel.Error, "The drain of {Devices} failed")]
    public static partial void FleetDrainFailed(this ILogger logger, Exception exception, string devices);
}
