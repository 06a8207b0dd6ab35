using System.Diagnostics.Metrics;
using System.Text.Json;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Registry;
using FastGate.Timers;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>This gateway as a node of a cluster: its lease, its claims and its messages. Its five loops run on the pool.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private const string KeepsAll = "noeviction";

    private static readonly TimeSpan s_releaseLimit = TimeSpan.FromSeconds(1);

    private readonly IClusterEngine _engine;
    private readonly EngineLink _link;
    private readonly NodeLease _lease;
    private readonly DeviceDirectory _directory;
    private readonly DirectoryWalk _walk;
    private readonly Func<long> _engineNowMs;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _renewLimit;
    private readonly TimeProvider _time;
    private Task _loops = Task.CompletedTask;

    public ClusterNode(
        IClusterEngine engine, IClaimedConnections connections, GatewayClock clock, ClusterSettings settings, IMeterFactory meters, ILogger log, TimeProvider time)
    {
        (_engine, _renewLimit, _time) = (engine, settings.RenewLimit, time);
        var metrics = new ClusterMetrics(meters);
        var engineClock = new EngineClock();
        _engineNowMs = () => engineClock.OfLocal(clock.NowMs);
        _link = new EngineLink(settings.Failures, time, log);
        Placement = new NodePlacement(engine.NodesAsync, engine.FindAsync, _link, time);
        _directory = new DeviceDirectory(connections, engine, _link, engineClock, settings, metrics, log);
        _walk = new DirectoryWalk(connections, _directory, _link, settings, log, time);
        _directory.ClaimOmitted = _walk.Reconcile;
        Messages = new ClusterMessages(engine, log);
        Messages.Handle(ClaimedElsewhere.Kind, ClusterJson.Default.ClaimedElsewhere, message => _directory.OnClaimedElsewhere(message.Id, message.Epoch));
        Bans = new SharedBans(engine, Messages, _link, settings, log, time);
        Tags = new SharedTags(engine, Messages, _link, settings, log);
        _lease = new NodeLease(engine, _link, engineClock, settings, () => clock.NowMs, time, log)
        {
            Reconcile = () =>
            {
                _walk.Reconcile();
                Bans.Look();
                Tags.CompareAll();
            },
            SubscribeAsync = async name =>
            {
                await engine.SubscribeAsync(name, Messages.Receive);
                await CheckEvictionAsync(log);
            },
        };
        _directory.ReleaseOmitted = _lease.Forget;
        Requests = new NodeRequests(Messages, engine, connections, _link, _engineNowMs, settings, metrics, log, time) { Own = () => _lease.Node.Name };
        metrics.Observe(() => _directory.Waiting, () => Requests.Waiting, () => !_link.IsUp, () => _lease.Age?.TotalSeconds ?? 0);
    }

    /// <summary>Where connections report themselves.</summary>
    public IDeviceDirectory Directory => _directory;

    public ClusterMessages Messages { get; }

    /// <summary>Acts that one node runs for another.</summary>
    public NodeRequests Requests { get; }

    /// <summary>The bans of all nodes.</summary>
    public SharedBans Bans { get; }

    /// <summary>The tags of devices at all nodes.</summary>
    public SharedTags Tags { get; }

    /// <summary>Where OTA sends devices.</summary>
    public NodePlacement Placement { get; }

    /// <summary>Of this process.</summary>
    public NodeIdentity Node => _lease.Node;

    /// <summary>For the program that replaces this one; 0 when it must not continue the claims of this one.</summary>
    public long Continuation => _link.Node?.Incarnation ?? 0;

    /// <summary>Since the lease was renewed; null before the first time.</summary>
    public TimeSpan? LeaseAge => _lease.Age;

    /// <summary>Why the other nodes are not asked; null while they are.</summary>
    public string? LocalOnly => _link.Reason;

    /// <summary>Throws <see cref="ArgumentException"/> for options of Redis that are not understood.</summary>
    public static ClusterNode Create(
        ClusterOptions options, IClaimedConnections connections, GatewayClock clock, IMeterFactory meters, ILoggerFactory logs, TimeProvider time)
    {
        var settings = new ClusterSettings();
        return new ClusterNode(
            new RedisEngine(options.Redis!, options.Prefix, settings), connections, clock, settings, meters, logs.CreateLogger<ClusterNode>(), time);
    }

    /// <summary>Throws <see cref="ArgumentException"/> for options of Redis that are not understood.</summary>
    public static void Check(ClusterOptions options) => RedisEngine.Read(options.Redis!);

    /// <summary>The commands of all nodes. Before the start.</summary>
    /// <param name="local">Keeps commands while the engine is away.</param>
    /// <param name="devices">The devices that are connected here.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="log">Where failures are logged.</param>
    public ClusterCommands CreateCommands(DeviceCommands local, ICommandDevices devices, CommandOptions options, CommandMetrics metrics, ILogger log) =>
        new(_engine.Commands, _link, Messages, local, devices, options, metrics, _engineNowMs, log, _time);

    /// <summary>Starts the loops. The first of them connects.</summary>
    /// <param name="name">Of this node.</param>
    /// <param name="incarnation">Of the program that this one has replaced; 0 for none.</param>
    /// <param name="load">What other nodes may know of this one.</param>
    public void Start(string name, long incarnation, Func<NodeLoad> load)
    {
        _lease.Load = () => JsonSerializer.Serialize(load(), ClusterJson.Default.NodeLoad);
        _loops = Task.WhenAll(
            Task.Run(() => _lease.RunAsync(name, incarnation, _stop.Token)),
            Task.Run(() => _walk.RunAsync(_stop.Token)),
            Task.Run(_directory.RunAsync),
            Task.Run(() => Bans.RunAsync(_stop.Token)),
            Task.Run(() => Tags.RunAsync(_stop.Token)));
    }

    /// <summary>Refuses keys of a newer version. An engine that does not answer is no reason to refuse: then the node is alone until it does.</summary>
    /// <exception cref="ClusterSchemaException">The keys have a newer schema.</exception>
    public async Task CheckSchemaAsync()
    {
        try
        {
            await _engine.ConnectAsync();
            int schema = await _engine.SchemaAsync();
            if (schema > ClusterSettings.Schema)
            {
                throw new ClusterSchemaException(NodeLease.SchemaText(schema));
            }
        }
        catch (ClusterEngineException exception)
        {
            _link.Down(exception.Message);
        }
    }

    /// <summary>What this node says of itself has changed, and the others should know it now. Any thread.</summary>
    public void RenewEarly() => _lease.RenewEarly();

    /// <summary>The same, and waits until they know it, or until it is clear that the engine does not answer.</summary>
    public async Task RenewAsync()
    {
        try
        {
            await _lease.RenewNowAsync().WaitAsync(_renewLimit, _time);
        }
        catch (TimeoutException)
        {
            // They learn it with a later renewal.
        }
    }

    /// <summary>All nodes that had a lease within a day. Throws <see cref="ClusterEngineException"/>.</summary>
    public async Task<IReadOnlyList<NodeReport>> NodesAsync() => [.. (await _engine.NodesAsync()).Select(NodeReport.Of)];

    /// <summary>The node that holds a device, or null. Throws <see cref="ClusterEngineException"/>.</summary>
    public Task<DeviceEntry?> FindAsync(string deviceId) => _engine.FindAsync(deviceId);

    /// <summary>Ends the loops. What this node held is free, unless another process continues it.</summary>
    public async Task StopAsync(bool leaves)
    {
        _directory.Stop();
        if (leaves)
        {
            for (long began = _time.GetTimestamp(); _directory.Waiting > 0 && _link.IsUp && _time.GetElapsedTime(began) < s_releaseLimit;)
            {
                await Task.Delay(10);
            }
        }

        await _stop.CancelAsync();
        await _loops;
        if (leaves && _link.IsUp)
        {
            await _lease.LeaveAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lease.Dispose();
        Bans.Dispose();
        Tags.Dispose();
        await _engine.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>A Redis that deletes keys when its memory is full forgets claims, bans and commands.</summary>
    private async Task CheckEvictionAsync(ILogger log)
    {
        try
        {
            if (await _engine.EvictionAsync() is { } policy && policy != KeepsAll)
            {
                log.EngineDeletesKeys(policy);
            }
        }
        catch (ClusterEngineException)
        {
            // Only this check is omitted.
        }
    }
}
