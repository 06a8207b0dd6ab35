using System.Globalization;
using System.IO.Pipes;
using FastGate.Configuration.Options;
using FastGate.Restart;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart;

/// <summary>The wait for the process that is replaced. The parent of the test process plays its part; it does not end.</summary>
public sealed class PredecessorTests : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly AnonymousPipeServerStream _ready = new(PipeDirection.In);

    public void Dispose() => _ready.Dispose();

    [Fact]
    public async Task Without_a_predecessor_there_is_no_wait()
    {
        Environment.SetEnvironmentVariable(PredecessorTicket.Variable, null);

        Assert.Null(await Predecessor.WaitForEndAsync(s_never));
    }

    [Fact]
    public async Task A_process_that_is_not_the_parent_is_not_waited_for()
    {
        Name(int.MaxValue, TimeSpan.FromHours(1));

        Assert.Null(await Predecessor.WaitForEndAsync(s_never).WaitAsync(s_timeout));
        Assert.Null(Environment.GetEnvironmentVariable(PredecessorTicket.Variable));
    }

    [Fact]
    public async Task The_wait_ends_after_the_timeout_of_the_ticket()
    {
        Name(ParentProcessId(), TimeSpan.Zero);

        Assert.Equal(TimeSpan.Zero, await Predecessor.WaitForEndAsync(s_never).WaitAsync(s_timeout));
    }

    [Fact]
    public async Task Readiness_is_reported_and_a_stop_ends_the_wait()
    {
        Name(ParentProcessId(), TimeSpan.FromHours(1));
        var stop = new TaskCompletionSource();
        Task<TimeSpan?> waiting = Predecessor.WaitForEndAsync(stop.Task);
        Assert.Equal(1, _ready.ReadByte());
        Assert.Equal(-1, _ready.ReadByte());
        Assert.False(waiting.IsCompleted);

        stop.SetResult();

        Assert.Null(await waiting.WaitAsync(s_timeout));
    }

    [Fact]
    public void The_timeout_covers_the_longest_drain_that_may_be_configured()
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
    public void A_malformed_ticket_is_rejected(string? text) => Assert.False(PredecessorTicket.TryParse(text, out _));

    /// <summary>Passes the writing end on: the code under test closes it.</summary>
    private void Name(int processId, TimeSpan timeout)
    {
        SafePipeHandle end = _ready.ClientSafePipeHandle;
        var ticket = new PredecessorTicket(processId, (int)end.DangerousGetHandle(), timeout);
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
