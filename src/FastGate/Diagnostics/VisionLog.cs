using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages about the pictures of devices. Neither questions nor answers are logged.</summary>
internal static partial class VisionLog
{
    [LoggerMessage(3130, LogLevel.Debug, "Picture from {Remote} refused with {Status}: {Reason}")]
    public static partial void PictureRefused(this ILogger logger, string remote, int status, string reason);

    [LoggerMessage(3131, LogLevel.Warning, "A picture of {Device} was not explained: {Reason}")]
    public static partial void PictureNotExplained(this ILogger logger, string device, string reason);
}
