using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Diagnostics;

/// <summary>Messages of the transport; ids 5000 to 5999.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(5000, LogLevel.Debug, "Connection {ConnectionId} ended by an exception that escaped its handler")]
    public static partial void ConnectionFaulted(this ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(5001, LogLevel.Warning, "Accept failed ({Error}); retrying in {DelayMs} ms")]
    public static partial void AcceptPaused(this ILogger logger, string error, int delayMs);

    [LoggerMessage(5002, LogLevel.Information, "Accepting connections again")]
    public static partial void AcceptResumed(this ILogger logger);

    [LoggerMessage(5003, LogLevel.Critical, "The listening socket is unusable; this listener accepts no more connections")]
    public static partial void ListenerLost(this ILogger logger, Exception? exception);

    [LoggerMessage(5004, LogLevel.Information, "Event loops are not available, using sockets: {Why}")]
    public static partial void FellBackToSockets(this ILogger logger, string why);

    [LoggerMessage(5005, LogLevel.Error, "Loop {Loop} continues after an exception that belongs to no connection")]
    public static partial void LoopFaulted(this ILogger logger, int loop, Exception exception);

    [LoggerMessage(5006, LogLevel.Warning, "Stopped while {Count} connections or handlers had not ended")]
    public static partial void HandlersLeft(this ILogger logger, int count);

    [LoggerMessage(5008, LogLevel.Warning, "Refusing new connections: {Why}")]
    public static partial void AcceptPressed(this ILogger logger, string why);

    [LoggerMessage(
        7785,
        LogLevel.Warning,
        "{Address} connects so often beyond its limits that the kernel drops its connects, up to four seconds at a time (logged once a minute)")]
    public static partial void ConnectsDropped(this ILogger logger, System.Net.IPAddress address);

    [LoggerMessage(7786, LogLevel.Warning, "The kernel does not let connects be dropped ({Error}): each refused one is accepted and reset")]
    public static partial void ConnectsNotDropped(this ILogger logger, string error);

    [LoggerMessage(7110, LogLevel.Warning, "{Count} event loops have no listener of their own; the others accept for them")]
    public static partial void ListenersMissing(this ILogger logger, int count, Exception exception);

    [LoggerMessage(7111, LogLevel.Warning, "An open connection could not be taken over")]
    public static partial void AdoptionFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5007, LogLevel.Information, "Listening with {Loops} event loops on {EndPoint}")]
    public static partial void LoopsListening(this ILogger logger, int loops, string endPoint);
}
