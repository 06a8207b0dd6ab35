using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of sessions; event ids 2100 to 2199. They never contain what a device said.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(2100, LogLevel.Debug, "{DeviceId} sent {Bytes} bytes that are not a device message; ignored")]
    public static partial void BadJson(this ILogger logger, string deviceId, int bytes);

    [LoggerMessage(2101, LogLevel.Warning, "{DeviceId} sent a wrong management secret; its connection closes after {Limit} of them")]
    public static partial void WrongSecret(this ILogger logger, string deviceId, int limit);
}
