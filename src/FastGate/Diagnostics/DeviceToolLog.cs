using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the tools of devices; event ids 2200 to 2219. They never contain arguments or results.</summary>
internal static partial class DeviceToolLog
{
    [LoggerMessage(2200, LogLevel.Debug, "{DeviceId} offers {Tools} tools; {LeftOut} were left out")]
    public static partial void ToolsListed(this ILogger logger, string deviceId, int tools, int leftOut);

    [LoggerMessage(2201, LogLevel.Warning, "The tool list of {DeviceId} is refused: {Reason}; a turn has the tools that were read before")]
    public static partial void ToolListRefused(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(2202, LogLevel.Debug, "{DeviceId} did not list its tools: {Reason}")]
    public static partial void ToolListFailed(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(2203, LogLevel.Error, "Reading the tools of {DeviceId} failed")]
    public static partial void ToolListFaulted(this ILogger logger, Exception exception, string deviceId);
}
