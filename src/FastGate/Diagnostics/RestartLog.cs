using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of a restart in place; event ids 7140 to 7169 and 7430 to 7439.</summary>
internal static partial class RestartLog
{
    [LoggerMessage(7141, LogLevel.Information, "Replacing the program: {Connections} connections, {Bytes} bytes of state, {Waited} turns waited for, {Cut} turns cut, {Left} connections that cannot be kept")]
    public static partial void ReplacingProgram(this ILogger logger, int connections, long bytes, int waited, int cut, int left);

    [LoggerMessage(
        7142,
        LogLevel.Information,
        "Restarted in place: {Connections} connections kept, {Bytes} bytes of state, {GapMs} ms without service, {Waited} turns waited for, {Cut} turns cut, {Closed} connections closed because their state could not be read")]
    public static partial void RestartedInPlace(this ILogger logger, int connections, long bytes, long gapMs, int waited, int cut, int closed);

    /// <summary>Where the time of a restart went. The connections in use are served from "detached" on the one side to "adopted" on the other.</summary>
    [LoggerMessage(
        7430,
        LogLevel.Information,
        "Steps of the restart: {IdleMs} ms to detach the idle connections, {DetachMs} ms to detach {Active} connections in use, {WriteMs} ms to finish the state, {StartMs} ms until the new program ran, {ReadyMs} ms until it adopted, {AdoptMs} ms to adopt the connections in use, {RestMs} ms for the idle ones")]
    public static partial void RestartSteps(
        this ILogger logger, int idleMs, int detachMs, int active, int writeMs, long startMs, long readyMs, long adoptMs, long restMs);

    [LoggerMessage(7143, LogLevel.Error, "The state of the program before this one cannot be read: {Reason}. Its connections are closed with status 1012")]
    public static partial void StateUnreadable(this ILogger logger, string reason);
}
