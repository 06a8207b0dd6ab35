using System.Globalization;
using FastGate.Cluster;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Cluster;

/// <summary>When a node gives away devices, and how many.</summary>
public sealed class RebalanceRuleTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RebalanceRule _rule;

    public RebalanceRuleTests() => _rule = new RebalanceRule(20, _time);

    /// <summary>Nodes in words: name, devices, limit, then <c>draining</c>, <c>rebalancing</c> or a tag. The node in question is <c>b</c>.</summary>
    [Theory]
    [InlineData("a node has joined", "a 300 1000, b 300 1000, c 0 1000", 0)]
    [InlineData("the fullest one begins", "a 290 1000, b 310 1000, c 0 1000", 110)]
    [InlineData("of two equals the first by name", "b 300 1000, d 300 1000, e 0 1000", 100)]
    [InlineData("not while another one gives away", "a 290 1000 rebalancing, b 310 1000, c 0 1000", 0)]
    [InlineData("shares of the limits count, not numbers", "a 100 200, b 400 1000", 0)]
    [InlineData("a smaller node takes less", "a 0 200, b 600 1000", 100)]
    [InlineData("not within a tenth of the mean", "a 300 1000, b 360 1000", 0)]
    [InlineData("not for a few devices", "a 10 1000, b 30 1000", 0)]
    [InlineData("not to a node that drains", "a 0 1000 draining, b 500 1000", 0)]
    [InlineData("not to a node of other tags", "a 0 1000 red, b 500 1000", 0)]
    [InlineData("to a node of the same tags", "a 0 1000 red, b 500 1000 red", 250)]
    [InlineData("not while it drains itself", "a 0 1000, b 500 1000 draining", 0)]
    [InlineData("not alone", "b 500 1000", 0)]
    public void A_node_gives_away(string why, string nodes, int expected)
    {
        int surplus = Ask(nodes);
        Assert.True(expected == surplus, $"{why}: {surplus} in place of {expected}");
        Assert.Equal(expected > 0, _rule.IsActive);
    }

    [Fact]
    public void It_begins_above_a_tenth_ends_at_the_mean_and_then_pauses()
    {
        Assert.Equal(100, Ask("a 100 1000, b 300 1000"));
        Assert.Equal(20, Ask("a 180 1000, b 220 1000"));
        Assert.Equal(5, Ask("a 195 1000, b 205 1000"));
        Assert.True(_rule.IsActive);
        Assert.Equal(0, Ask("a 200 1000, b 200 1000"));
        Assert.False(_rule.IsActive);

        _time.Turn(TimeSpan.FromMinutes(4.9));
        Assert.Equal(0, Ask("a 100 1000, b 300 1000"));
        _time.Turn(TimeSpan.FromMinutes(0.2));
        Assert.Equal(100, Ask("a 100 1000, b 300 1000"));
    }

    [Fact]
    public void It_ends_when_the_other_nodes_are_gone()
    {
        Assert.Equal(100, Ask("a 100 1000, b 300 1000"));
        Assert.Equal(0, Ask("b 300 1000"));
        Assert.False(_rule.IsActive);
    }

    private int Ask(string nodes)
    {
        NodeReport[] reports =
        [
            .. nodes.Split(", ").Select(static text =>
            {
                string[] words = text.Split(' ');
                string[] rest = words[3..];
                return new NodeReport(words[0], true, 1, TestNode.Load with
                {
                    Devices = int.Parse(words[1], CultureInfo.InvariantCulture),
                    DeviceLimit = int.Parse(words[2], CultureInfo.InvariantCulture),
                    Draining = rest.Contains("draining"),
                    Rebalancing = rest.Contains("rebalancing"),
                    Tags = [.. rest.Where(static word => word is "red")],
                });
            }),
        ];
        return _rule.Surplus("b", reports.Single(static node => node.Name == "b").Load!, reports);
    }
}
