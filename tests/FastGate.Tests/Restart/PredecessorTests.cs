using System.Globalization;
using FastGate.Restart;

namespace FastGate.Tests.Restart;

/// <summary>Waiting for the process that is replaced. The parent of the test's own process stands in for it: it stays.</summary>
public sealed class PredecessorTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly Task s_never = new TaskCompletionSource().Task;

    [Fact]
    public async Task Without_a_predecessor_nobody_is_waited_for()
    {
        Environment.SetEnvironmentVariable(Successor.PredecessorVariable, null);

        Assert.True(await Predecessor.WaitForEndAsync(s_patience, s_never));
    }

    [Fact]
    public async Task A_predecessor_that_has_gone_is_not_our_parent_any_more()
    {
        Environment.SetEnvironmentVariable(Successor.PredecessorVariable, int.MaxValue.ToString(CultureInfo.InvariantCulture));

        Assert.True(await Predecessor.WaitForEndAsync(s_patience, s_never));
        Assert.Null(Environment.GetEnvironmentVariable(Successor.PredecessorVariable));
    }

    [Fact]
    public async Task One_that_stays_is_given_up_at_the_limit()
    {
        Environment.SetEnvironmentVariable(Successor.PredecessorVariable, ParentProcessId());

        Assert.False(await Predecessor.WaitForEndAsync(TimeSpan.Zero, s_never));
    }

    [Fact]
    public async Task Whoever_is_to_stop_does_not_wait()
    {
        Environment.SetEnvironmentVariable(Successor.PredecessorVariable, ParentProcessId());
        var stop = new TaskCompletionSource();
        var waiting = Predecessor.WaitForEndAsync(TimeSpan.FromHours(1), stop.Task);
        Assert.False(waiting.IsCompleted);

        stop.SetResult();

        Assert.True(await waiting.WaitAsync(s_patience));
    }

    private static string ParentProcessId()
    {
        var status = File.ReadAllText("/proc/self/stat");
        return status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
    }
}
