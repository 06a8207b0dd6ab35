using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of operators' traces.</summary>
internal static partial class TraceLog
{
    [LoggerMessage(7360, LogLevel.Warning, "The file of trace {Trace} cannot be written: {Reason}; its stream continues")]
    public static partial void TraceNotWritten(this ILogger logger, long trace, string reason);
}
