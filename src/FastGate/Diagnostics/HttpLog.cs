using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the HTTP listeners; event ids 7200 to 7299.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(7207, LogLevel.Warning, "Listener {Listener} cannot accept ({Reason}); the next try is in {DelayMs} ms")]
    public static partial void HttpAcceptPaused(this ILogger logger, string listener, string reason, int delayMs);

    [LoggerMessage(7200, LogLevel.Error, "Request {Method} {Path} on listener {Listener} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path, string listener);

    [LoggerMessage(7201, LogLevel.Warning, "Admin request from {RemoteAddress} rejected: {Reason}")]
    public static partial void AdminRefused(this ILogger logger, string remoteAddress, string reason);

    [LoggerMessage(7202, LogLevel.Warning, "Reading or erasing the memory of a device failed")]
    public static partial void MemoryUnavailable(this ILogger logger, Exception exception);

    [LoggerMessage(7203, LogLevel.Information, "Erased the memory of device {DeviceId}: {Turns} turns")]
    public static partial void MemoryErased(this ILogger logger, string deviceId, int turns);

    [LoggerMessage(7205, LogLevel.Warning, "Request {Method} {Path} from {RemoteAddress} on listener {Listener} refused with {Status}: {Reason}")]
    public static partial void RequestRefused(this ILogger logger, string method, string path, string remoteAddress, string listener, int status, string reason);

    [LoggerMessage(7206, LogLevel.Warning, "OTA request of {DeviceId} from {RemoteAddress}: {Problem}")]
    public static partial void OtaProblem(this ILogger logger, string deviceId, string remoteAddress, string problem);

    [LoggerMessage(7204, LogLevel.Warning, "The erasure of device {DeviceId} waits for the memory store")]
    public static partial void MemoryErasureWaits(this ILogger logger, string deviceId);
}
