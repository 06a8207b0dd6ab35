using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of what is kept about devices and acts; event ids 7470 to 7479.</summary>
internal static partial class FleetLog
{
    [LoggerMessage(7470, LogLevel.Warning, "Firmware and board of devices cannot be saved ({Reason}); they are remembered until the process ends, and saving is tried again")]
    public static partial void KindsNotSaved(this ILogger logger, string reason);

    [LoggerMessage(7471, LogLevel.Warning, "Firmware and board of devices cannot be read ({Reason}); filters find a device by them after its next OTA request")]
    public static partial void KindsNotLoaded(this ILogger logger, string reason);

    [LoggerMessage(7664, LogLevel.Warning, "Client ids of devices that got a token by OTA cannot be saved ({Reason}); they are known to this process, which tries again every 30 seconds")]
    public static partial void ClientsNotSaved(this ILogger logger, string reason);

    [LoggerMessage(7472, LogLevel.Warning, "Idempotency keys of acts cannot be kept in the database ({Reason}); they are remembered until the process ends")]
    public static partial void ActKeysNotKept(this ILogger logger, string reason);

    [LoggerMessage(7473, LogLevel.Error, "The file of the audit log cannot be used ({Reason}); acts are in this log (event 7300)")]
    public static partial void AuditFileFailed(this ILogger logger, string reason);

    [LoggerMessage(7474, LogLevel.Information, "The file of the audit log can be used again")]
    public static partial void AuditFileRecovered(this ILogger logger);
}
