using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>What the HTTP doors say; event ids 7200 to 7299.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(7200, LogLevel.Error, "Request {Method} {Path} on the {Door} door failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path, string door);

    [LoggerMessage(7201, LogLevel.Warning, "Refused a request from {RemoteAddress} on the admin door: {Reason}")]
    public static partial void AdminRefused(this ILogger logger, string remoteAddress, string reason);

    [LoggerMessage(7202, LogLevel.Warning, "The memory of a device could not be read or erased")]
    public static partial void MemoryUnavailable(this ILogger logger, Exception exception);

    [LoggerMessage(7203, LogLevel.Information, "The memory of device {DeviceId} was erased, {Turns} turns")]
    public static partial void MemoryErased(this ILogger logger, string deviceId, int turns);

    [LoggerMessage(7204, LogLevel.Warning, "The erasure of device {DeviceId} waits for the memory store")]
    public static partial void MemoryErasureWaits(this ILogger logger, string deviceId);
}
