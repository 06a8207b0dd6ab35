using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>What sessions log. Ids 2100-2199. No message carries what a device said.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(2100, LogLevel.Debug, "{DeviceId} sent {Bytes} bytes that are no device message; ignored")]
    public static partial void BadJson(this ILogger logger, string deviceId, int bytes);

    [LoggerMessage(2101, LogLevel.Warning, "{DeviceId} sent a wrong management secret; its connection closes after {Limit} of them")]
    public static partial void WrongSecret(this ILogger logger, string deviceId, int limit);
}
