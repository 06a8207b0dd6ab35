using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using FastGate.Cluster;
using FastGate.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Cluster;

/// <summary>
/// Random connects and disconnects on several nodes, with nodes that die, an engine that hangs and loses everything, and links that break and that
/// deliver late. docs/cluster.md states what may happen meanwhile; this checks what must be true of the whole and after it.
/// </summary>
public sealed class DirectoryHistoryTests : IAsyncLifetime, IAsyncDisposable
{
    private const int Nodes = 4;
    private const int Devices = 200;
    private const int Operations = 10_000;

    /// <summary>Two connects of one device within this time may be taken in either order: the nodes know the engine's clock not better.</summary>
    private const long ClockErrorMs = 250;

    private static readonly ClusterSettings s_settings = new()
    {
        Heartbeat = TimeSpan.FromMilliseconds(150),
        Probe = TimeSpan.FromMilliseconds(80),
        Lease = TimeSpan.FromSeconds(1),
        Timeout = TimeSpan.FromMilliseconds(300),
        Verify = TimeSpan.FromMilliseconds(400),
    };

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConcurrentQueue<GrantedClaim> _granted = new();
    private readonly StrongBox<long> _steps = new();
    private readonly List<List<(TestNode Node, FakeClaimedConnection Connection)>> _connects = [.. Enumerable.Range(0, Devices).Select(static _ => new List<(TestNode, FakeClaimedConnection)>())];
    private readonly HashSet<FakeClaimedConnection> _over = [];
    private readonly List<CutProxy> _proxies = [];
    private readonly TestNode[] _nodes = new TestNode[Nodes];

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (TestNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        foreach (CutProxy proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        await _services.DisposeAsync();
    }

    [RedisFact]
    public async Task Random_histories_end_with_one_owner_of_every_device_and_the_engine_knows_it()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        for (int index = 0; index < Nodes; index++)
        {
            _proxies.Add(new CutProxy(redis.Port));
            _nodes[index] = Start(index);
        }

        foreach (TestNode node in _nodes)
        {
            await node.UpAsync();
        }

        var random = new Random(20261128);
        for (int operation = 0; operation < Operations; operation++)
        {
            await StepAsync(random, redis, operation);
        }

        foreach (CutProxy proxy in _proxies)
        {
            proxy.Release();
            proxy.Mend();
        }

        string trouble = "not looked yet";
        long began = Environment.TickCount64;
        while ((trouble = await FindTroubleAsync()).Length > 0)
        {
            Assert.True(Environment.TickCount64 - began < 2 * Until.Hang.TotalMilliseconds, trouble);
            await Task.Delay(20);
        }

        AssertEpochsGrow();
        Assert.All(_connects.SelectMany(static device => device), static connect => Assert.InRange(connect.Connection.Replaced, 0, 1));
    }

    private async Task StepAsync(Random random, RedisServer redis, int operation)
    {
        int device = random.Next(Devices);
        int index = random.Next(Nodes);
        switch (random.Next(2_000))
        {
            case < 3:
                _proxies[index].Break();
                break;
            case < 6:
                _proxies[index].Hold();
                break;
            case < 60:
                _proxies[index].Mend();
                _proxies[index].Release();
                break;
            case 60:
                await _nodes[index].KillAsync();
                Forget(_nodes[index]);
                _nodes[index] = Start(index);
                break;
            case < 700 when _connects[device].Count > 0:
                (TestNode node, FakeClaimedConnection connection) = _connects[device][random.Next(_connects[device].Count)];
                if (_over.Add(connection) && _nodes.Contains(node))
                {
                    node.Disconnect(connection);
                }

                break;
            default:
                _connects[device].Add((_nodes[index], _nodes[index].Connect($"device {device}")));
                break;
        }

        if (operation % 3_000 == 2_000)
        {
            await redis.KillAsync();
            await redis.StartAgainAsync();
        }

        if (operation % 3_000 == 500)
        {
            redis.Stop();
        }

        if (operation % 3_000 == 900)
        {
            redis.Continue();
        }

        if (operation % 8 == 0)
        {
            // While the engine hangs, for longer than its time to answer.
            await Task.Delay(operation % 3_000 is >= 500 and < 900 ? 10 : 1);
        }
    }

    /// <summary>Another process of the same name and link.</summary>
    private TestNode Start(int index) => new(
        $"node{index}",
        new RecordingEngine(new RedisEngine(_proxies[index].Options, "test", s_settings), _granted, _steps),
        s_settings,
        _services.GetRequiredService<IMeterFactory>());

    /// <summary>The devices of a dead node notice it.</summary>
    private void Forget(TestNode node)
    {
        foreach ((_, FakeClaimedConnection connection) in _connects.SelectMany(static device => device).Where(connect => ReferenceEquals(connect.Node, node)))
        {
            _over.Add(connection);
        }
    }

    /// <summary>What is not yet as it has to be in the end; empty when all is.</summary>
    private async Task<string> FindTroubleAsync()
    {
        if (_nodes.FirstOrDefault(static node => !node.IsUp) is { } away)
        {
            return $"{away.Name} is local only: {away.Cluster.LocalOnly}";
        }

        for (int device = 0; device < Devices; device++)
        {
            string id = $"device {device}";
            (TestNode Node, FakeClaimedConnection Connection)[] live = [.. _nodes
                .Select(node => (node, node.Find(id)!))
                .Where(static found => found.Item2 is not null)];
            string history = string.Join("\n  ", _connects[device].TakeLast(6).Select(connect => $"{connect.Node.Name} {connect.Connection} over {_over.Contains(connect.Connection)}"));
            if (live.Length > 1)
            {
                return $"{id} has {live.Length} owners:\n  {history}";
            }

            // The device holds the newest connection unless it has ended it; an earlier one of about the same time may have won.
            FakeClaimedConnection? newest = _connects[device].Count == 0 ? null : _connects[device][^1].Connection;
            if (newest is not null && !_over.Contains(newest) && (live.Length == 0 || live[0].Connection.OpenedMs < newest.OpenedMs - ClockErrorMs))
            {
                return $"{id} has lost its newest connection:\n  {history}";
            }

            DeviceEntry? entry = await _nodes[0].Cluster.FindAsync(id);
            DeviceEntry? expected = live.Length == 0 ? null : new DeviceEntry(live[0].Node.Name, live[0].Connection.Epoch);
            if (entry != expected)
            {
                return $"{id} is {entry} in the engine and {expected} on its node:\n  {history}";
            }
        }

        return "";
    }

    /// <summary>Of two claims of one device of which the first had ended before the second began, the second has the greater epoch; no epoch is given twice.</summary>
    private void AssertEpochsGrow()
    {
        Assert.NotEmpty(_granted);
        foreach (IGrouping<string, GrantedClaim> device in _granted.GroupBy(static claim => claim.DeviceId))
        {
            GrantedClaim[] claims = [.. device];
            Assert.Equal(claims.Length, claims.Select(static claim => claim.Epoch).Distinct().Count());
            foreach (GrantedClaim first in claims)
            {
                Assert.All(claims.Where(second => second.Began > first.Ended), second => Assert.True(second.Epoch > first.Epoch, $"{second} after {first}"));
            }
        }
    }
}
