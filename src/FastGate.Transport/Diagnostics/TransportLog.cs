using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Diagnostics;

/// <summary>Messages of the transport; ids 5000 to 5999.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(5000, LogLevel.Debug, "Connection {ConnectionId} ended by an exception that escaped its handler")]
    public static partial void ConnectionFaulted(this ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(5001, LogLevel.Warning, "Accepting failed ({Error}); trying again in {DelayMs} ms")]
    public static partial void AcceptPaused(this ILogger logger, string error, int delayMs);

    [LoggerMessage(5002, LogLevel.Information, "Accepting again")]
    public static partial void AcceptResumed(this ILogger logger);

    [LoggerMessage(5003, LogLevel.Critical, "The device door's listener is gone; nothing more will be accepted by it")]
    public static partial void ListenerLost(this ILogger logger, Exception? exception);

    [LoggerMessage(5004, LogLevel.Information, "Event loops cannot run here, using sockets: {Why}")]
    public static partial void FellBackToSockets(this ILogger logger, string why);

    [LoggerMessage(5005, LogLevel.Error, "Loop {Loop} goes on after an exception that belongs to no connection")]
    public static partial void LoopFaulted(this ILogger logger, int loop, Exception exception);

    [LoggerMessage(5006, LogLevel.Warning, "Stopped with {Count} connections whose handlers have not ended")]
    public static partial void HandlersLeft(this ILogger logger, int count);

    [LoggerMessage(5008, LogLevel.Warning, "Newcomers are refused: {Why}")]
    public static partial void AcceptPressed(this ILogger logger, string why);

    [LoggerMessage(5007, LogLevel.Information, "Device door on {Loops} event loops at {EndPoint}")]
    public static partial void LoopsListening(this ILogger logger, int loops, string endPoint);
}
