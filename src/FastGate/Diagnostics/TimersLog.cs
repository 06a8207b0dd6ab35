using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the timers; event ids 6000 to 6999.</summary>
internal static partial class TimersLog
{
    [LoggerMessage(6000, LogLevel.Error, "Timer callback failed ({Failed} total); the timer stays scheduled")]
    public static partial void DeadlineFailed(this ILogger logger, long failed, Exception exception);
}
