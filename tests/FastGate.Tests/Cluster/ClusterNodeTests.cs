using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace FastGate.Tests.Cluster;

/// <summary>Nodes on a real engine, which hangs, is killed and loses its data.</summary>
public sealed partial class ClusterNodeTests : IAsyncLifetime
{
    private static readonly ClusterSettings s_settings = new()
    {
        Heartbeat = TimeSpan.FromMilliseconds(200),
        Probe = TimeSpan.FromMilliseconds(100),
        Lease = TimeSpan.FromSeconds(3),
        Timeout = TimeSpan.FromMilliseconds(400),
        Verify = TimeSpan.FromMilliseconds(500),
    };

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<IAsyncDisposable> _disposables = [];
    private RedisServer? _redis;

    public async Task InitializeAsync() => _redis = RedisServer.MissingReason is null ? await RedisServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable disposable in _disposables)
        {
            await disposable.DisposeAsync();
        }

        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _services.DisposeAsync();
    }

    [RedisFact]
    public async Task A_device_that_connects_to_another_node_is_replaced_on_the_first_one()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection first = a.Connect("device");
        await Until.TrueAsync(() => first.Epoch > 0);
        await WaitForNextMillisecondAsync();
        FakeClaimedConnection second = b.Connect("device");

        await Until.TrueAsync(() => first.Replaced == 1);
        Assert.Null(a.Find("device"));
        Assert.Equal(0, second.Replaced);
        Assert.Equal(new DeviceEntry("b", second.Epoch), await b.Cluster.FindAsync("device"));
        b.Disconnect(second);
        await UntilAsync(async () => await a.Cluster.FindAsync("device") is null);
    }

    [RedisFact]
    public async Task An_engine_that_may_delete_keys_is_a_warning_at_the_start()
    {
        TestNode a = Start("a");
        await a.UpAsync();
        Assert.Equal(0, a.Log.Count(7565));
        await _redis!.CommandAsync("CONFIG SET maxmemory-policy allkeys-lru");
        TestNode b = Start("b");
        await b.UpAsync();
        Assert.Contains("maxmemory-policy allkeys-lru", Assert.Single(b.Log.WithId(7565)), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Devices_connect_while_the_engine_is_away_and_are_claimed_when_it_returns_without_data()
    {
        TestNode a = Start("a");
        await a.UpAsync();
        FakeClaimedConnection before = a.Connect("before");
        FakeClaimedConnection gone = a.Connect("gone");
        await Until.TrueAsync(() => before.Epoch > 0 && gone.Epoch > 0);
        long epoch = before.Epoch;
        await _redis!.KillAsync();
        await Until.TrueAsync(() => !a.IsUp);
        FakeClaimedConnection meanwhile = a.Connect("meanwhile");
        a.Disconnect(gone);
        Assert.Equal(0, meanwhile.Epoch);
        await _redis.StartAgainAsync();

        await a.UpAsync(2);
        Assert.Equal(epoch, before.Epoch);
        Assert.Equal(new DeviceEntry("a", epoch), await a.Cluster.FindAsync("before"));
        Assert.Equal(new DeviceEntry("a", meanwhile.Epoch), await a.Cluster.FindAsync("meanwhile"));
        Assert.Null(await a.Cluster.FindAsync("gone"));
        Assert.Equal(0, before.Replaced + meanwhile.Replaced);
        Assert.Equal(1, a.Log.Count(7521));
    }

    [RedisFact]
    public async Task A_hanging_engine_is_not_asked_and_what_was_released_meanwhile_is_free_when_it_continues()
    {
        TestNode a = Start("a");
        await a.UpAsync();
        FakeClaimedConnection held = a.Connect("held");
        FakeClaimedConnection gone = a.Connect("gone");
        await Until.TrueAsync(() => held.Epoch > 0 && gone.Epoch > 0);
        _redis!.Stop();
        await Until.TrueAsync(() => !a.IsUp);
        a.Disconnect(gone);
        _redis.Continue();

        await a.UpAsync(2);
        Assert.Null(await a.Cluster.FindAsync("gone"));
        Assert.Equal(new DeviceEntry("a", held.Epoch), await a.Cluster.FindAsync("held"));
        Assert.Equal(0, held.Replaced);
    }

    [RedisFact]
    public async Task A_device_that_moved_during_a_partition_is_replaced_when_its_first_node_returns()
    {
        CutProxy proxy = Proxy();
        (TestNode a, TestNode b) = (Start("a", proxy.Options), Start("b"));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection first = a.Connect("moved");
        FakeClaimedConnection back = a.Connect("back");
        await Until.TrueAsync(() => first.Epoch > 0 && back.Epoch > 0);
        proxy.Break();
        await Until.TrueAsync(() => !a.IsUp);
        await WaitForNextMillisecondAsync();
        FakeClaimedConnection second = b.Connect("moved");
        FakeClaimedConnection other = b.Connect("back");
        await Until.TrueAsync(() => second.Epoch > 0 && other.Epoch > 0);
        await WaitForNextMillisecondAsync();
        FakeClaimedConnection third = a.Connect("back");
        Assert.Equal((0, 1), (first.Replaced, back.Replaced));
        proxy.Mend();

        await Until.TrueAsync(() => first.Replaced == 1 && other.Replaced == 1);
        await Until.TrueAsync(() => third.Epoch > other.Epoch);
        Assert.Equal((0, 0), (second.Replaced, third.Replaced));
        Assert.Equal("a", (await b.Cluster.FindAsync("back"))!.Node);
    }

    [RedisFact]
    public async Task A_lost_message_is_made_up_for_by_the_verification()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection first = a.Connect("device");
        await Until.TrueAsync(() => first.Epoch > 0);

        // What another node does, without the message that the script sends.
        await using ConnectionMultiplexer raw = await ConnectionMultiplexer.ConnectAsync(_redis!.Options);
        await raw.GetDatabase().StringSetAsync("test:d:device", $"{first.Epoch + 1} 1 b 1");

        await Until.TrueAsync(() => first.Replaced == 1);
        Assert.Null(a.Find("device"));
    }

    [RedisFact]
    public async Task What_a_dead_node_held_is_free_when_its_lease_has_expired()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection device = a.Connect("device");
        await Until.TrueAsync(() => device.Epoch > 0);
        await a.KillAsync();

        await UntilAsync(async () => await b.Cluster.FindAsync("device") is null);
        Assert.Equal(["a", "b"], (await b.Cluster.NodesAsync()).Select(static node => node.Name));
        Assert.Equal([false, true], (await b.Cluster.NodesAsync()).Select(static node => node.Alive));
    }

    [RedisFact]
    public async Task A_node_that_stops_frees_what_it_held_at_once()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection device = a.Connect("device");
        await Until.TrueAsync(() => device.Epoch > 0);
        await a.StopAsync(leaves: true);

        Assert.Null(await b.Cluster.FindAsync("device"));
        Assert.Equal(["b"], (await b.Cluster.NodesAsync()).Select(static node => node.Name));
    }

    /// <summary>The next program has the name, the incarnation and the epochs of the one before; or none of them, when the record was unreadable.</summary>
    [RedisFact]
    public async Task A_restart_in_place_keeps_its_devices()
    {
        TestNode a = Start("a");
        await a.UpAsync();
        FakeClaimedConnection claimed = a.Connect("claimed");
        await Until.TrueAsync(() => claimed.Epoch > 0);
        long incarnation = a.Cluster.Continuation;
        await a.KillAsync();
        TestNode next = Start("a", incarnation: incarnation);
        FakeClaimedConnection continued = next.Connect("claimed", claimed.Epoch);
        FakeClaimedConnection unclaimed = next.Connect("unclaimed");

        await next.UpAsync();
        await Until.TrueAsync(() => unclaimed.Epoch > 0);
        Assert.Equal(claimed.Epoch, continued.Epoch);
        Assert.Equal(new DeviceEntry("a", continued.Epoch), await next.Cluster.FindAsync("claimed"));
        Assert.Equal(0, continued.Replaced + unclaimed.Replaced);

        await next.KillAsync();
        TestNode without = Start("a");
        FakeClaimedConnection again = without.Connect("claimed");
        await without.UpAsync();
        await Until.TrueAsync(() => again.Epoch > continued.Epoch);
        Assert.Equal(0, again.Replaced);
    }

    [RedisFact]
    public async Task Of_two_processes_with_one_name_the_later_one_is_the_node()
    {
        TestNode earlier = Start("a");
        await earlier.UpAsync();
        TestNode later = Start("a");
        await later.UpAsync();

        await Until.TrueAsync(() => !earlier.IsUp);
        Assert.Contains("another process is the node a", earlier.Cluster.LocalOnly, StringComparison.Ordinal);
        Assert.True(later.IsUp);
        await later.StopAsync(leaves: true);
        await Until.TrueAsync(() => earlier.IsUp);
    }

    [RedisFact]
    public async Task Keys_of_a_newer_schema_are_refused_at_the_start_and_not_used_later()
    {
        await using ConnectionMultiplexer raw = await ConnectionMultiplexer.ConnectAsync(_redis!.Options);
        TestNode a = Start("a");
        await a.UpAsync();
        await raw.GetDatabase().StringSetAsync("test:schema", ClusterSettings.Schema + 1);

        ClusterSchemaException refused = await Assert.ThrowsAsync<ClusterSchemaException>(a.Cluster.CheckSchemaAsync);
        Assert.Contains("schema 2", refused.Message, StringComparison.Ordinal);
        await Until.TrueAsync(() => !a.IsUp);
        Assert.Equal(refused.Message, a.Cluster.LocalOnly);
    }

    [RedisFact]
    public async Task Messages_reach_the_node_that_they_are_for()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection device = b.Connect("device");
        await Until.TrueAsync(() => device.Epoch > 0);

        Assert.Equal(1, await a.Cluster.Messages.SendAsync("b", 'K', new ClaimedElsewhere("device", device.Epoch), ClusterJson.Default.ClaimedElsewhere));
        await Until.TrueAsync(() => device.Replaced == 1);
        Assert.Equal(0, await a.Cluster.Messages.SendAsync("c", 'K', new ClaimedElsewhere("device", 1), ClusterJson.Default.ClaimedElsewhere));
    }

    [Fact]
    public async Task A_node_starts_without_its_engine()
    {
        TestNode a = Start("a", $"127.0.0.1:{RedisServer.FreePort()}");
        await a.Cluster.CheckSchemaAsync();
        FakeClaimedConnection device = a.Connect("device");

        await Until.TrueAsync(() => a.Log.Count(7521) == 1);
        Assert.False(a.IsUp);
        Assert.NotNull(a.Cluster.LocalOnly);
        Assert.Equal(0, device.Replaced);
    }

    private TestNode Start(string name, string? options = null, long incarnation = 0)
    {
        var node = new TestNode(
            name, new RedisEngine(options ?? _redis!.Options, "test", s_settings), s_settings, _services.GetRequiredService<IMeterFactory>(), incarnation);
        _disposables.Add(node);
        return node;
    }

    private CutProxy Proxy()
    {
        var proxy = new CutProxy(_redis!.Port);
        _disposables.Add(proxy);
        return proxy;
    }

    /// <summary>The order of two connects is known by their milliseconds, and the nodes measure the engine's clock within some of them.</summary>
    private static Task WaitForNextMillisecondAsync() => Task.Delay(60);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (long began = Environment.TickCount64; !await condition(); await Task.Delay(10))
        {
            Assert.True(Environment.TickCount64 - began < Until.Hang.TotalMilliseconds, "the condition did not become true");
        }
    }
}
