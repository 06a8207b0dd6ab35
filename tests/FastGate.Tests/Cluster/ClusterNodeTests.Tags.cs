using System.Collections.Concurrent;
using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <content>Tags that all nodes share.</content>
public sealed partial class ClusterNodeTests
{
    [RedisFact]
    public async Task Tags_reach_the_other_nodes_and_one_that_comes_later()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        ConcurrentDictionary<string, string> atA = Keep(a), atB = Keep(b);
        await a.UpAsync();
        await b.UpAsync();
        atA["lamp"] = "hall beta";
        Assert.True(await a.Cluster.Tags.PutAsync("lamp", "hall beta"));
        await Until.TrueAsync(() => atB.GetValueOrDefault("lamp") == "hall beta");
        Assert.True(await b.Cluster.Tags.PutAsync("lamp", ""));
        await Until.TrueAsync(() => atA["lamp"].Length == 0);

        Assert.True(await b.Cluster.Tags.PutAsync("radio", "hall"));
        TestNode c = Start("c");
        ConcurrentDictionary<string, string> atC = Keep(c);
        c.Cluster.Tags.CompareAll();
        await Until.TrueAsync(() => atC.GetValueOrDefault("radio") == "hall");
    }

    [RedisFact]
    public async Task Tags_of_an_outage_are_the_newest_and_an_engine_without_data_gets_all_of_them()
    {
        (TestNode a, TestNode b) = (Start("a"), Start("b"));
        ConcurrentDictionary<string, string> atA = Keep(a), atB = Keep(b);
        atA["old"] = "kept";
        await a.UpAsync();
        await b.UpAsync();
        Assert.True(await a.Cluster.Tags.PutAsync("lamp", "before"));
        await Until.TrueAsync(() => atB.GetValueOrDefault("lamp") == "before");

        await _redis!.KillAsync();
        await Until.TrueAsync(() => !a.IsUp && !b.IsUp);
        atA["lamp"] = "after";
        Assert.False(await a.Cluster.Tags.PutAsync("lamp", "after"));
        await _redis.StartAgainAsync();
        await Until.TrueAsync(() => atB.GetValueOrDefault("lamp") == "after" && atB.GetValueOrDefault("old") == "kept");
        Assert.Equal("after", atA["lamp"]);
    }

    /// <summary>The tags of a node, which the test changes as the API does.</summary>
    private static ConcurrentDictionary<string, string> Keep(TestNode node)
    {
        ConcurrentDictionary<string, string> tags = new();
        node.Cluster.Tags.Own = () => [.. tags.Where(static of => of.Value.Length > 0).Select(static of => (of.Key, of.Value))];
        node.Cluster.Tags.TakeOver = sets =>
        {
            foreach (SharedTagSet set in sets)
            {
                tags[set.Device] = set.Tags;
            }
        };
        return tags;
    }
}
