using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the admin API; event ids 7300 to 7329. 7300 is the audit log: the log's limit of lines does not apply to it.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(7300, LogLevel.Information, "Act {Act} on {Target} by {Role} at {RemoteAddress}: {Outcome} with {Status} (request {RequestId})")]
    public static partial void AdminActed(
        this ILogger logger, string act, string target, string role, string remoteAddress, string outcome, int status, string requestId);

    [LoggerMessage(7301, LogLevel.Error, "Act {Act} of the admin API failed")]
    public static partial void AdminActFailed(this ILogger logger, Exception exception, string act);

    [LoggerMessage(7302, LogLevel.Error, "The bans and tags in the database cannot be read ({Reason}); they apply again after the next start that can read them")]
    public static partial void FleetNotLoaded(this ILogger logger, string reason);
}
