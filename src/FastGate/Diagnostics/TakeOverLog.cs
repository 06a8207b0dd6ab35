using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of a hand-over to another process.</summary>
internal static partial class TakeOverLog
{
    [LoggerMessage(7170, LogLevel.Information, "Hand-over to process {ProcessId} begins")]
    public static partial void TakeOverBegun(this ILogger logger, int processId);

    [LoggerMessage(7171, LogLevel.Information, "Handed over to process {ProcessId}: {Connections} connections, {Bytes} bytes of state, longest batch {LongestBatch} ms, {CutTurns} turns cut, {Duration} ms; this process ends")]
    public static partial void HandedOver(this ILogger logger, int processId, int connections, long bytes, double longestBatch, int cutTurns, double duration);

    [LoggerMessage(7172, LogLevel.Error, "Hand-over ended: {Reason}; this server continues to serve, and {Lost} connections ended with the new process")]
    public static partial void TakeOverAbandoned(this ILogger logger, string reason, int lost);

    [LoggerMessage(7173, LogLevel.Warning, "The new process owns all connections and has not confirmed that it serves them: {Reason}; this process ends")]
    public static partial void TakeOverUnconfirmed(this ILogger logger, string reason);

    [LoggerMessage(7174, LogLevel.Warning, "The running server has ended during the hand-over; this process keeps {Connections} connections of the unfinished stage")]
    public static partial void TakeOverWithoutPredecessor(this ILogger logger, int connections);

    [LoggerMessage(7175, LogLevel.Information, "Taken over from process {ProcessId}: {Connections} connections, {Bytes} bytes of state, longest batch {LongestBatch} ms, {CutTurns} turns cut, {Duration} ms")]
    public static partial void TakenOver(this ILogger logger, int processId, int connections, long bytes, double longestBatch, int cutTurns, double duration);

    [LoggerMessage(7176, LogLevel.Warning, "Hand-over to process {ProcessId} of user {UserId} refused: {Reason}")]
    public static partial void TakeOverRefused(this ILogger logger, int processId, uint userId, string reason);

    [LoggerMessage(7177, LogLevel.Warning, "Hand-over socket {Path}: {Reason}")]
    public static partial void TakeOverSocketFailed(this ILogger logger, string path, string reason);

    [LoggerMessage(7179, LogLevel.Information, "The service manager keeps {Connections} connections for the next start; {Waited} turns waited for, {Cut} turns cut")]
    public static partial void LeftInStore(this ILogger logger, int connections, int waited, int cut);

    [LoggerMessage(7180, LogLevel.Warning, "The service manager cannot keep the connections: {Reason}; they are closed")]
    public static partial void NotLeftInStore(this ILogger logger, string reason);

    [LoggerMessage(7178, LogLevel.Error, "Cannot take over from {Path}: {Reason}")]
    public static partial void CannotTakeOver(this ILogger logger, string path, string reason);
}
