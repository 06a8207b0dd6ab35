using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>What the timers say. Event ids 6000 to 6999.</summary>
internal static partial class TimersLog
{
    [LoggerMessage(6000, LogLevel.Error, "A deadline's callback failed ({Failed} since start); its entry goes on by its next deadline")]
    public static partial void DeadlineFailed(this ILogger logger, long failed, Exception exception);
}
