using FastGate.Protocol.Framing;
using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of device connections; event ids 2000 to 2099. 2005 and 2008 are reserved: removed messages used them.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Connection {ConnectionId} registered as {DeviceId} (id from {Source}), session {SessionId}")]
    public static partial void Registered(this ILogger logger, string connectionId, string deviceId, string source, Guid sessionId);

    [LoggerMessage(2001, LogLevel.Debug, "Connection {ConnectionId} of {DeviceId} ended: {Reason}")]
    public static partial void Ended(this ILogger logger, string connectionId, string deviceId, ConnectionEndReason reason);

    [LoggerMessage(2002, LogLevel.Debug, "Connection {ConnectionId} of {DeviceId} violated the protocol: {Error}")]
    public static partial void Violation(this ILogger logger, string connectionId, string deviceId, FrameError error);

    [LoggerMessage(2003, LogLevel.Error, "Connection {ConnectionId} of {DeviceId} ended by an unhandled exception")]
    public static partial void Escaped(this ILogger logger, Exception exception, string connectionId, string deviceId);

    [LoggerMessage(2004, LogLevel.Warning, "No usable device id in the request; assigned {DeviceId}. Client {Client}; request target {Target}; header names {HeaderNames}; sources: {Sources}")]
    public static partial void AutomaticId(this ILogger logger, string deviceId, string client, string target, string headerNames, string sources);

    [LoggerMessage(2007, LogLevel.Information, "Handshake of {DeviceId} from {Client} refused with {Status}: {Reason}; request target {Target}")]
    public static partial void Refused(this ILogger logger, string deviceId, string client, int status, string reason, string target);

    [LoggerMessage(2006, LogLevel.Warning, "Registration of {DeviceId} failed: {Result}")]
    public static partial void RegistrationFailed(this ILogger logger, string deviceId, string result);

    [LoggerMessage(7120, LogLevel.Warning, "Connection {ConnectionId} of {DeviceId} cannot be continued after the restart: its state was not valid")]
    public static partial void StateLost(this ILogger logger, string connectionId, string deviceId);
}
