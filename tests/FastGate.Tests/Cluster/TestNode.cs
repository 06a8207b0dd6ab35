using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Registry;
using FastGate.Testing.Cluster;
using FastGate.Timers;

namespace FastGate.Tests.Cluster;

/// <summary>A node of a cluster whose devices are only entries of a registry.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly NodeLoad Load = new()
    {
        Version = "1",
        StartedAt = DateTimeOffset.UnixEpoch,
        Draining = false,
        Devices = 0,
        DeviceLimit = 1,
        TurnsInProgress = 0,
        Loops = [],
        ResidentBytes = 0,
    };

    private readonly GatewayClock _clock = new();
    private readonly ConnectionRegistry<FakeClaimedConnection> _registry = new(1_000_000, replace: true);
    private readonly ClusterNode _node;
    private bool _isStopped;

    public TestNode(string name, IClusterEngine engine, ClusterSettings settings, IMeterFactory meters, long incarnation = 0)
    {
        Name = name;
        _node = new ClusterNode(engine, new ClaimedConnections<FakeClaimedConnection>(_registry), _clock, settings, meters, Log, TimeProvider.System);
        _node.Start(name, incarnation, () => Load with { Devices = _registry.Count });
    }

    public string Name { get; }

    public RecordingLogger<ClusterNode> Log { get; } = new();

    public ClusterNode Cluster => _node;

    public bool IsUp => _node.LocalOnly is null;

    /// <summary>The node is in the cluster, and everything that it holds has been claimed or verified since.</summary>
    public Task UpAsync(int times = 1) => Until.TrueAsync(() => Log.Count(7522) >= times, () => $"{Name}: {string.Join('\n', Log.Lines)}");

    public FakeClaimedConnection? Find(string deviceId) => _registry.Find(deviceId);

    /// <summary>Connects a device as a handshake does.</summary>
    public FakeClaimedConnection Connect(string deviceId, long epoch = 0)
    {
        var connection = new FakeClaimedConnection(deviceId, _clock.NowMs);
        connection.Claim.Epoch = epoch;
        _registry.Register(connection, out FakeClaimedConnection? displaced);
        displaced?.OnReplaced();
        _node.Directory.Registered(connection);
        return connection;
    }

    public void Disconnect(FakeClaimedConnection connection)
    {
        if (_registry.Remove(connection))
        {
            _node.Directory.Left(connection);
        }
    }

    /// <summary>Ends the node without a word to the engine: its lease expires.</summary>
    public Task KillAsync() => StopAsync(leaves: false);

    public async Task StopAsync(bool leaves)
    {
        _isStopped = true;
        await _node.StopAsync(leaves).WaitAsync(Until.Hang);
        await _node.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await KillAsync();
        }
    }
}
