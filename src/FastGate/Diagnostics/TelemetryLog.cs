using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the exports; event ids 7410 to 7419.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(7410, LogLevel.Warning, "The OTLP collector did not accept an export ({Failure}); metrics follow with the next one, spans and log records of this one are lost")]
    public static partial void ExportFailed(this ILogger logger, string failure);
}
