using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the cluster; event ids 7520 to 7599.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(7520, LogLevel.Information, "Cluster: node {Node} is connected; it was local only for {Seconds:F1} s")]
    public static partial void ClusterConnected(this ILogger logger, string node, double seconds);

    [LoggerMessage(7521, LogLevel.Warning, "Cluster: local only ({Reason}); devices are served, claims are made up for later")]
    public static partial void ClusterLocalOnly(this ILogger logger, string reason);

    [LoggerMessage(7522, LogLevel.Information, "Cluster: {Devices} devices were claimed or verified in {Seconds:F1} s")]
    public static partial void ClusterReconciled(this ILogger logger, int devices, double seconds);

    [LoggerMessage(7523, LogLevel.Debug, "Cluster: the lease was not renewed ({Reason})")]
    public static partial void LeaseNotRenewed(this ILogger logger, string reason);

    [LoggerMessage(7524, LogLevel.Debug, "Device {DeviceId} has connected to another node; its connection here is replaced")]
    public static partial void ReplacedElsewhere(this ILogger logger, string deviceId);

    [LoggerMessage(7525, LogLevel.Warning, "Cluster: a message of kind {Kind} is not readable ({Reason})")]
    public static partial void ClusterMessageUnreadable(this ILogger logger, char kind, string reason);

    [LoggerMessage(7560, LogLevel.Error, "Cluster: the act {Act} of node {Node} failed")]
    public static partial void NodeRequestFailed(this ILogger logger, Exception exception, string act, string node);

    [LoggerMessage(7561, LogLevel.Debug, "Cluster: no reply to node {Node} ({Reason})")]
    public static partial void NodeReplyNotSent(this ILogger logger, string node, string reason);

    [LoggerMessage(7562, LogLevel.Debug, "Cluster: the list of bans was not compared ({Reason})")]
    public static partial void BansNotShared(this ILogger logger, string reason);

    [LoggerMessage(7563, LogLevel.Information, "Cluster: {Bans} bans came from other nodes or were ended there; {Closed} devices were closed")]
    public static partial void BansTakenOver(this ILogger logger, int bans, int closed);

    [LoggerMessage(7564, LogLevel.Warning, "Cluster: the bans of other nodes are not kept in the database ({Reason}); this is tried again")]
    public static partial void BansNotKept(this ILogger logger, string reason);

    [LoggerMessage(7566, LogLevel.Debug, "Cluster: a message of trace {Trace} was not sent ({Reason})")]
    public static partial void TraceNotForwarded(this ILogger logger, long trace, string reason);

    [LoggerMessage(7567, LogLevel.Debug, "Cluster: the tags of devices were not compared ({Reason})")]
    public static partial void TagsNotShared(this ILogger logger, string reason);

    [LoggerMessage(7568, LogLevel.Warning, "Cluster: the tags that another node gave device {DeviceId} are not kept in the database ({Reason})")]
    public static partial void TagsNotKept(this ILogger logger, string deviceId, string reason);

    [LoggerMessage(7565, LogLevel.Warning, "Cluster: Redis has maxmemory-policy {Policy}: when its memory is full it deletes claims, bans and commands that wait; set maxmemory-policy noeviction in its configuration")]
    public static partial void EngineDeletesKeys(this ILogger logger, string policy);

    [LoggerMessage(7581, LogLevel.Information, "Cluster: this node has {Surplus} devices more than its share and closes {Rate} idle ones a second")]
    public static partial void RebalanceBegun(this ILogger logger, int surplus, int rate);

    [LoggerMessage(7582, LogLevel.Information, "Cluster: this node closes no more devices; it has {Devices}")]
    public static partial void RebalanceEnded(this ILogger logger, int devices);
}
