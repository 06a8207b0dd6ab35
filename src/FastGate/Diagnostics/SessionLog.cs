using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of sessions; event ids 2100 to 2199. They never contain what a device said.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(2100, LogLevel.Debug, "{DeviceId} sent {Bytes} bytes that are not a device message; ignored")]
    public static partial void BadJson(this ILogger logger, string deviceId, int bytes);
}
