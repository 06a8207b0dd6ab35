using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <content>Bans that all nodes share.</content>
public sealed partial class ClusterNodeTests
{
    [RedisFact]
    public async Task Bans_reach_the_other_nodes_and_an_engine_that_has_lost_them()
    {
        var ban = new SharedBan(5, "lamp", null, 1, null, null, IsEnd: false);
        IReadOnlyList<SharedBan> seen = [];
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        a.Cluster.Bans.Merge = shared => shared.Contains(ban) ? [] : [ban];
        b.Cluster.Bans.Merge = shared =>
        {
            Volatile.Write(ref seen, shared);
            return [];
        };
        await a.UpAsync();
        await b.UpAsync();
        a.Cluster.Bans.Look();
        await Until.TrueAsync(() => Volatile.Read(ref seen).Contains(ban));

        await _redis!.KillAsync();
        await Until.TrueAsync(() => !a.IsUp);
        await _redis.StartAgainAsync();
        await a.UpAsync(2);
        await UntilAsync(async () => await _redis.CommandAsync("HLEN test:bans") == ":1");
    }
}
