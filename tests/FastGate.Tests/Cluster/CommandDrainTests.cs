using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>One loop at a time, and no report is lost.</summary>
public sealed class CommandDrainTests
{
    private readonly CommandDrain _drain = new("lamp");

    [Fact]
    public void The_first_report_starts_the_loop_and_a_report_during_it_makes_it_look_again()
    {
        Assert.True(_drain.TryRaise());
        Assert.False(_drain.TryRaise());
        Assert.False(_drain.TryRaise());
        Assert.False(_drain.TryRest());
        Assert.True(_drain.TryRest());
        Assert.True(_drain.TryRaise());
    }

    [Fact]
    public void A_removed_drain_refuses_reports_and_one_with_a_report_is_not_removed()
    {
        Assert.True(_drain.TryRaise());
        Assert.False(_drain.TryRaise());
        Assert.False(_drain.TryRemove());
        Assert.True(_drain.TryRemove());
        Assert.Null(_drain.TryRaise());
    }
}
