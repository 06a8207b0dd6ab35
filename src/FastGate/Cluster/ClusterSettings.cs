namespace FastGate.Cluster;

/// <summary>The times and sizes of a node of a cluster. Tests have shorter ones.</summary>
internal sealed record ClusterSettings
{
    /// <summary>Version of the keys and values in the engine. A node refuses a newer one.</summary>
    public const int Schema = 1;

    /// <summary>Time between two renewals of the lease.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a change waits until the other nodes can see it.</summary>
    public TimeSpan RenewLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between two attempts while the engine does not answer, before the jitter of a quarter.</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time after which a node that does not renew its lease counts as dead.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that the engine has for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time in which all devices are verified once. It bounds how long a device that was claimed elsewhere stays here when the message about it was lost.</summary>
    public TimeSpan Verify { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time after which the engine forgets an entry that its node has not verified.</summary>
    public TimeSpan EntryLife { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the first of several claims waits for others.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Claims of one call. A script that runs longer would delay the calls of other nodes.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Calls on their way at once.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Connections that may wait for a call. A further change makes all connections be visited.</summary>
    public int Queue { get; init; } = 1 << 18;

    /// <summary>Devices claimed again in a second after the engine has returned, at least; more when they would take longer than <see cref="ReclaimAtMost"/>.</summary>
    public int ReclaimRate { get; init; } = 10_000;

    public TimeSpan ReclaimAtMost { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a row after which the node works without the engine.</summary>
    public int Failures { get; init; } = 3;

    /// <summary>Time that another node has for the answer to a request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time before a device that has left the node that was asked is looked up again.</summary>
    public TimeSpan LookUpAgain { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Requests to other nodes that may wait for a reply, and requests of other nodes that may run. A further one is refused.</summary>
    public int MostRequests { get; init; } = 500;
}
