using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages about the operator's MCP servers.</summary>
internal static partial class McpLog
{
    [LoggerMessage(3120, LogLevel.Information, "MCP server {Server} is ready: {Tools} tools")]
    public static partial void McpServerReady(this ILogger logger, string server, int tools);

    [LoggerMessage(3121, LogLevel.Warning, "MCP server {Server} failed ({Reason}); the next attempt follows in {Wait}")]
    public static partial void McpServerFailed(this ILogger logger, string server, string reason, TimeSpan wait);

    [LoggerMessage(3122, LogLevel.Information, "MCP server {Server} is stopped: the configuration has removed or changed it")]
    public static partial void McpServerStopped(this ILogger logger, string server);

    [LoggerMessage(3123, LogLevel.Warning, "MCP server {Server}: {Problem}")]
    public static partial void McpToolsLeftOut(this ILogger logger, string server, string problem);

    [LoggerMessage(3124, LogLevel.Warning, "Calling {Tool} of MCP server {Server} failed: {Reason}")]
    public static partial void McpCallFailed(this ILogger logger, string tool, string server, string reason);

    [LoggerMessage(3125, LogLevel.Error, "The connection to MCP server {Server} ended with a defect; its tools are gone until its configuration changes")]
    public static partial void McpServerFaulted(this ILogger logger, Exception exception, string server);

    [LoggerMessage(3126, LogLevel.Warning, "MCP servers: {Warning}")]
    public static partial void McpConfigurationWarning(this ILogger logger, string warning);
}
