using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

public sealed class EngineLinkTests
{
    private readonly RecordingLogger<EngineLink> _log = new();

    [Fact]
    public void Three_failures_in_a_row_end_the_use_and_one_line_says_so()
    {
        EngineLink link = Create();
        link.Up(new NodeIdentity("node", 1), link.Downs);
        link.Failed("one");
        link.Failed("two");
        link.Answered();
        link.Failed("three");
        link.Failed("four");
        Assert.True(link.IsUp);
        Assert.Null(link.Reason);
        link.Failed("five");
        link.Failed("six");

        Assert.False(link.IsUp);
        Assert.Null(link.Node);
        Assert.Equal("six", link.Reason);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("five", _log.Lines[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_change_has_one_line()
    {
        EngineLink link = Create();
        for (int change = 0; change < 3; change++)
        {
            link.Up(new NodeIdentity("node", 1), link.Downs);
            link.Up(new NodeIdentity("node", 2), link.Downs);
            link.Down("hangs");
            link.Down("hangs");
        }

        Assert.Equal(6, _log.Lines.Count);
    }

    /// <summary>The answer to a question that was sent before the use ended does not begin it again.</summary>
    [Fact]
    public void An_answer_from_before_an_end_is_refused()
    {
        EngineLink link = Create();
        int before = link.Downs;
        Assert.True(link.Up(new NodeIdentity("node", 1), before));
        link.Down("hangs");
        Assert.False(link.Up(new NodeIdentity("node", 1), before));
        Assert.False(link.IsUp);
        Assert.True(link.Up(new NodeIdentity("node", 2), link.Downs));
    }

    [Fact]
    public void A_start_without_the_engine_has_one_line()
    {
        EngineLink link = Create();
        link.Down("refused");
        for (int probe = 0; probe < 10; probe++)
        {
            link.Failed($"refused {probe}");
        }

        Assert.Single(_log.Lines);
        Assert.Equal("refused 9", link.Reason);
    }

    private EngineLink Create() => new(3, TimeProvider.System, _log);
}
