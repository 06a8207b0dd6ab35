using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the limits of addresses and devices; event ids 7660 to 7699.</summary>
internal static partial class LimitLog
{
    [LoggerMessage(7660, LogLevel.Warning, "{Subject} is banned until {Until}: {Reason}; FastGate ban remove {Ban} ends the ban")]
    public static partial void AutomaticallyBanned(this ILogger logger, string subject, DateTimeOffset? until, string reason, long ban);

    [LoggerMessage(7662, LogLevel.Error, "Automatic bans could not be decided; they are tried again")]
    public static partial void JudgeFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7666, LogLevel.Warning, "Overloaded: {Reason}; {Act}")]
    public static partial void Overloaded(this ILogger logger, string reason, string act);

    [LoggerMessage(7667, LogLevel.Information, "The overload is over; new devices are accepted again")]
    public static partial void OverloadOver(this ILogger logger);

    [LoggerMessage(7663, LogLevel.Warning, "Device {DeviceId} at {Address} sends more than Devices:Rates allows; its connection is closed")]
    public static partial void SendsTooMuch(this ILogger logger, string deviceId, System.Net.EndPoint? address);
}
