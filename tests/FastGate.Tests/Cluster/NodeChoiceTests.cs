using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>The node that OTA names to a device, from what nodes say of themselves.</summary>
public sealed class NodeChoiceTests
{
    /// <summary>A node in words: name, devices of 100, then its busyness in percent, tags or <c>draining</c>.</summary>
    [Theory]
    [InlineData("least devices", "a 50, b 20, c 80", "", null, "b")]
    [InlineData("least busyness", "a 20 90%, b 40 10%", "", null, "b")]
    [InlineData("the scarcer resource counts", "a 10 60%, b 45 10%", "", "a", "b")]
    [InlineData("the present node while loads differ little", "a 55, b 50", "", "a", "a")]
    [InlineData("the other one when they differ much", "a 61, b 50", "", "a", "b")]
    [InlineData("a present node that is not listed", "a 61, b 50", "", "gone", "b")]
    [InlineData("no node that drains", "a 5 draining, b 90", "", "a", "b")]
    [InlineData("no node that is full", "a 100, b 99 100%", "", "a", "b")]
    [InlineData("a tag of the device", "a 90 red, b 5, c 5 blue", "red,green", "b", "a")]
    [InlineData("the least load of those with its tag", "a 90 red, b 5, c 10 red", "red", null, "c")]
    [InlineData("without tags first", "a 0 red, b 80", "", "a", "b")]
    [InlineData("another tag is none", "a 0 red, b 80", "blue", null, "b")]
    [InlineData("without tags when the tagged node drains", "a 0 red draining, b 80, c 0 blue", "red", "a", "b")]
    [InlineData("any when no other has room", "a 0 red, b 100", "", null, "a")]
    [InlineData("none when all drain or are full", "a 0 draining, b 100", "", "a", null)]
    [InlineData("none of none", "", "", null, null)]
    public void A_device_is_sent_to(string why, string nodes, string tags, string? present, string? expected)
    {
        NodeCandidate? chosen = NodeChoice.Choose(Read(nodes), "aa:bb", tags.Split(',', StringSplitOptions.RemoveEmptyEntries), present);
        Assert.True(expected == chosen?.Name, $"{why}: {chosen?.Name ?? "none"} in place of {expected ?? "none"}");
    }

    [Fact]
    public void Devices_spread_over_nodes_of_about_the_same_load_and_each_comes_back_to_its_own()
    {
        string[] ids = [.. Enumerable.Range(0, 3_000).Select(static number => $"device-{number}")];
        Dictionary<string, string> before = ids.ToDictionary(static id => id, static id => Choose("a 5, b 0, c 9", id));
        Assert.All(before.Values.CountBy(static name => name), static node => Assert.InRange(node.Value, 800, 1_200));

        // Every node answers the same, whatever the order of its list and the small differences are.
        Assert.All(ids, id => Assert.Equal(before[id], Choose("c 0, a 9, b 3", id)));

        // A further node takes its part, and no device moves between the others.
        string[] moved = [.. ids.Where(id => Choose("a 5, b 0, c 9, d 0", id) != before[id])];
        Assert.InRange(moved.Length, 550, 950);
        Assert.All(moved, static id => Assert.Equal("d", Choose("a 5, b 0, c 9, d 0", id)));

        static string Choose(string nodes, string id) => NodeChoice.Choose(Read(nodes), id, [], null)!.Name;
    }

    [Fact]
    public void Devices_that_are_on_their_way_count_until_the_node_says_that_it_has_them()
    {
        NodeCandidate node = Read("a 50")[0];
        for (int device = 0; device < 30; device++)
        {
            node.Expect();
        }

        Assert.Equal(0.8, node.Load, 6);
        Assert.Equal(0.8, new NodeCandidate("a", Said(50), 10.1).After(node).Load, 6);
        Assert.Equal(0.5, new NodeCandidate("a", Said(50), 13).After(node).Load, 6);
        Assert.Equal(0.5, new NodeCandidate("a", Said(50), 13).After(null).Load, 6);
    }

    private static NodeCandidate[] Read(string nodes) =>
    [
        .. nodes.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(static text =>
        {
            string[] words = text.Split(' ');
            string[] rest = words[2..];
            double busy = rest.Where(static word => word.EndsWith('%')).Select(static word => int.Parse(word[..^1], System.Globalization.CultureInfo.InvariantCulture) / 100.0).SingleOrDefault();
            return new NodeCandidate(words[0], Said(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture)) with
            {
                Loops = [busy, busy],
                Draining = rest.Contains("draining"),
                Tags = [.. rest.Where(static word => word != "draining" && !word.EndsWith('%'))],
            }, 10);
        }),
    ];

    private static NodeLoad Said(int devices) => TestNode.Load with { Devices = devices, DeviceLimit = 100, Url = "ws://node.example/" };
}
