using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the exports and of the watchdog; event ids 7410 to 7429.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(7410, LogLevel.Warning, "The OTLP collector did not accept an export ({Failure}); metrics follow with the next one, spans and log records of this one are lost")]
    public static partial void ExportFailed(this ILogger logger, string failure);

    [LoggerMessage(7411, LogLevel.Error, "An event loop or the timer thread did not respond within {Limit}; the service manager is not pinged and may end this process")]
    public static partial void NotResponding(this ILogger logger, TimeSpan limit);
}
