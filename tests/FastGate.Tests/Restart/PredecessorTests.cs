using System.Globalization;
using System.IO.Pipes;
using FastGate.Configuration.Options;
using FastGate.Restart;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart;

/// <summary>Waiting for the process that is replaced. The parent of the test's own process stands in for it: it stays.</summary>
public sealed class PredecessorTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly AnonymousPipeServerStream _ready = new(PipeDirection.In);

    public void Dispose() => _ready.Dispose();

    [Fact]
    public async Task Without_a_predecessor_nobody_is_waited_for()
    {
        Environment.SetEnvironmentVariable(PredecessorTicket.Variable, null);

        Assert.Null(await Predecessor.WaitForEndAsync(s_never));
    }

    [Fact]
    public async Task A_predecessor_that_has_gone_is_not_our_parent_any_more()
    {
        Name(int.MaxValue, TimeSpan.FromHours(1));

        Assert.Null(await Predecessor.WaitForEndAsync(s_never).WaitAsync(s_patience));
        Assert.Null(Environment.GetEnvironmentVariable(PredecessorTicket.Variable));
    }

    [Fact]
    public async Task One_that_stays_is_given_up_after_the_time_it_asked_for()
    {
        Name(ParentProcessId(), TimeSpan.Zero);

        Assert.Equal(TimeSpan.Zero, await Predecessor.WaitForEndAsync(s_never).WaitAsync(s_patience));
    }

    [Fact]
    public async Task It_is_told_when_we_wait_and_whoever_is_to_stop_does_not()
    {
        Name(ParentProcessId(), TimeSpan.FromHours(1));
        var stop = new TaskCompletionSource();
        Task<TimeSpan?> waiting = Predecessor.WaitForEndAsync(stop.Task);
        Assert.Equal(1, _ready.ReadByte());
        Assert.Equal(-1, _ready.ReadByte());
        Assert.False(waiting.IsCompleted);

        stop.SetResult();

        Assert.Null(await waiting.WaitAsync(s_patience));
    }

    [Fact]
    public void The_longest_drain_that_may_be_asked_for_is_waited_for()
    {
        var drain = new DrainOptions { Deadline = TimeSpan.FromHours(1), LoadBalancerWait = TimeSpan.FromHours(1) };

        var ticket = new PredecessorTicket(4321, 3, Successor.Timeout(drain));

        Assert.True(ticket.Timeout > drain.Deadline + drain.LoadBalancerWait);
        Assert.True(PredecessorTicket.TryParse(ticket.ToString(), out PredecessorTicket read));
        Assert.Equal(ticket, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("4321")]
    [InlineData("4321 3 soon")]
    [InlineData("4321 -3 10")]
    public void What_is_no_ticket_names_nobody(string? text) => Assert.False(PredecessorTicket.TryParse(text, out _));

    /// <summary>The writing end is given away: whoever is told of it closes it.</summary>
    private void Name(int processId, TimeSpan patience)
    {
        SafePipeHandle end = _ready.ClientSafePipeHandle;
        var ticket = new PredecessorTicket(processId, (int)end.DangerousGetHandle(), patience);
        if (processId == ParentProcessId())
        {
            end.SetHandleAsInvalid();
        }

        Environment.SetEnvironmentVariable(PredecessorTicket.Variable, ticket.ToString());
    }

    private static int ParentProcessId()
    {
        string status = File.ReadAllText("/proc/self/stat");
        return int.Parse(status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
