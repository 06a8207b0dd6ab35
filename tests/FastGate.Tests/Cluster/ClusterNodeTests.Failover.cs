using FastGate.Cluster;
using FastGate.Testing.Cluster;

namespace FastGate.Tests.Cluster;

/// <content>A replica that lags takes the place of its primary, and an engine without memory.</content>
public sealed partial class ClusterNodeTests
{
    [RedisFact]
    public async Task Claims_that_a_failover_has_lost_are_made_good_from_what_the_nodes_hold()
    {
        await using RedisServer replica = await RedisServer.StartAsync();
        CutProxy link = Proxy();
        await _redis!.CommandAsync("CONFIG SET repl-diskless-sync-delay 0");
        Assert.Equal("+OK", await replica.CommandAsync($"REPLICAOF 127.0.0.1 {link.Port}"));
        string engines = $"{_redis.Options},{replica.Options}";
        (TestNode a, TestNode b) = (Start("a", engines), Start("b", engines));
        await a.UpAsync();
        await b.UpAsync();
        FakeClaimedConnection kept = a.Connect("kept");
        FakeClaimedConnection former = a.Connect("moved");
        FakeClaimedConnection gone = b.Connect("gone");
        await UntilAsync(async () => await replica.CommandAsync("EXISTS test:d:kept test:d:moved test:d:gone") == ":3");

        // The replica gets nothing of this.
        link.Break();
        await WaitForNextMillisecondAsync();
        FakeClaimedConnection moved = b.Connect("moved");
        FakeClaimedConnection late = a.Connect("late");
        b.Disconnect(gone);
        await Until.TrueAsync(() => former.Replaced == 1 && late.Epoch > 0 && moved.Epoch > former.Epoch);
        await UntilAsync(async () => await _redis.CommandAsync("EXISTS test:d:gone") == ":0");
        await _redis.KillAsync();
        await Until.TrueAsync(() => !a.IsUp && !b.IsUp);
        Assert.Equal(":1", await replica.CommandAsync("EXISTS test:d:kept test:d:late"));
        long epoch = late.Epoch;
        Assert.Equal("+OK", await replica.CommandAsync("REPLICAOF NO ONE"));

        await a.UpAsync(2);
        await b.UpAsync(2);
        Assert.Equal(new DeviceEntry("a", kept.Epoch), await b.Cluster.FindAsync("kept"));
        Assert.Equal(new DeviceEntry("a", epoch), await b.Cluster.FindAsync("late"));
        Assert.Equal(new DeviceEntry("b", moved.Epoch), await a.Cluster.FindAsync("moved"));
        Assert.Null(await a.Cluster.FindAsync("gone"));
        Assert.Equal(0, kept.Replaced + late.Replaced + moved.Replaced);

        // Messages reach the nodes again.
        FakeClaimedConnection back = a.Connect("moved");
        await Until.TrueAsync(() => moved.Replaced == 1 && back.Epoch > moved.Epoch);
    }

    [RedisFact]
    public async Task A_full_engine_is_not_used_until_it_has_memory_again()
    {
        TestNode a = Start("a");
        await a.UpAsync();
        FakeClaimedConnection held = a.Connect("held");
        await Until.TrueAsync(() => held.Epoch > 0);
        long epoch = held.Epoch;
        Assert.Equal("+OK", await _redis!.CommandAsync("CONFIG SET maxmemory 1"));

        await Until.TrueAsync(() => !a.IsUp);
        Assert.Contains("OOM", a.Cluster.LocalOnly, StringComparison.Ordinal);
        FakeClaimedConnection meanwhile = a.Connect("meanwhile");
        Assert.Equal("+OK", await _redis.CommandAsync("CONFIG SET maxmemory 0"));
        await a.UpAsync(2);
        Assert.Equal(new DeviceEntry("a", epoch), await a.Cluster.FindAsync("held"));
        Assert.Equal(new DeviceEntry("a", meanwhile.Epoch), await a.Cluster.FindAsync("meanwhile"));
        Assert.Equal(0, held.Replaced + meanwhile.Replaced);
    }
}
