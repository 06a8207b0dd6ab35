using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>Leases and the list of nodes.</summary>
public sealed partial class RedisEngineTests
{
    /// <summary>The answer was lost: the process does not know the incarnation that it has.</summary>
    [RedisFact]
    public async Task A_lease_that_this_process_has_taken_unknowingly_is_its_own()
    {
        await _engine.RenewAsync(new NodeIdentity("a", 0), "{}");
        (LeaseResult result, long incarnation) = await RenewAsync(_a);

        Assert.Equal(LeaseResult.New, result);
        Assert.InRange(incarnation, _a.Incarnation + 2, long.MaxValue);
    }

    [RedisFact]
    public async Task A_lease_is_renewed_taken_by_the_next_process_and_new_after_it_expired()
    {
        Assert.Equal((LeaseResult.Kept, _a.Incarnation), await RenewAsync(_a));
        await using var other = new RedisEngine(redis.Server.Options, _prefix, _settings);
        await other.ConnectAsync();
        var next = new NodeIdentity("a", (await other.RenewAsync(new NodeIdentity("a", 0), "{}")).Incarnation);
        Assert.Equal((LeaseResult.Taken, _a.Incarnation), await RenewAsync(_a));
        Assert.Equal((LeaseResult.Kept, next.Incarnation), await RenewAsync(next, other));
        await _engine.LeaveAsync(_a);
        Assert.Equal((LeaseResult.Kept, next.Incarnation), await RenewAsync(next, other));

        await _raw.GetDatabase().KeyDeleteAsync($"{_prefix}:node:a");
        (LeaseResult result, long incarnation) = await RenewAsync(next, other);
        Assert.Equal(LeaseResult.New, result);
        Assert.InRange(incarnation, next.Incarnation + 1, long.MaxValue);
    }

    [RedisFact]
    public async Task A_lease_expires()
    {
        TimeSpan? life = await _raw.GetDatabase().KeyTimeToLiveAsync($"{_prefix}:node:a");
        Assert.InRange(life!.Value, TimeSpan.FromMilliseconds(1), _settings.Lease);
    }

    [RedisFact]
    public async Task Keys_of_a_newer_schema_are_not_touched()
    {
        await _raw.GetDatabase().StringSetAsync($"{_prefix}:schema", ClusterSettings.Schema + 1);

        Assert.Equal(ClusterSettings.Schema + 1, await _engine.SchemaAsync());
        Assert.Equal((LeaseResult.NewerSchema, ClusterSettings.Schema + 1), await RenewAsync(new NodeIdentity("c", 0)));
        Assert.False(await _raw.GetDatabase().KeyExistsAsync($"{_prefix}:node:c"));
    }

    [RedisFact]
    public async Task Nodes_are_listed_with_what_they_say_and_how_old_it_is()
    {
        await _engine.LeaveAsync(_b);
        await LeaseAsync("c");
        await _raw.GetDatabase().KeyDeleteAsync($"{_prefix}:node:c");
        IReadOnlyList<NodeEntry> nodes = await _engine.NodesAsync();

        Assert.Equal([("a", """{"n":1}"""), ("c", null)], nodes.Select(static node => (node.Name, node.Load)));
        Assert.All(nodes, static node => Assert.InRange(node.Age, TimeSpan.Zero, s_hang));
    }
}
