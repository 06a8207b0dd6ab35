using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Messages of the transport; ids 5000 to 5999.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(5000, LogLevel.Debug, "Connection {ConnectionId} ended by an exception that escaped its handler")]
    public static partial void ConnectionFaulted(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(5001, LogLevel.Warning, "Accepting failed ({Error}); trying again in {DelayMs} ms")]
    public static partial void AcceptPaused(ILogger logger, string error, int delayMs);

    [LoggerMessage(5002, LogLevel.Information, "Accepting again")]
    public static partial void AcceptResumed(ILogger logger);

    [LoggerMessage(5003, LogLevel.Critical, "The device door's listener is gone; nothing more will be accepted by it")]
    public static partial void ListenerLost(ILogger logger, Exception? exception);

    [LoggerMessage(5004, LogLevel.Information, "Event loops cannot run here, using sockets: {Why}")]
    public static partial void FellBackToSockets(ILogger logger, string why);
}
