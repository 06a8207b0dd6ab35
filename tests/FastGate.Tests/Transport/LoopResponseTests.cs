using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Whether the loops respond, as the watchdog asks.</summary>
public sealed class LoopResponseTests
{
    [Theory]
    [InlineData(TransportKind.EventLoop)]
    [InlineData(TransportKind.Sockets)]
    public async Task An_idle_transport_responds(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        await harness.Transport.RespondAsync().Within();
    }

    [Fact]
    public async Task One_loop_that_is_stuck_among_others_is_noticed_until_it_continues()
    {
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop).StartAsync(EchoHandler.RunAsync);
        IReadOnlyList<EventLoop> loops = ((EventLoopTransport)harness.Transport).Loops;
        Task response;
        using (await HeldLoop.HoldAsync(loops[1]))
        {
            response = harness.Transport.RespondAsync();

            // The other loop has run what it was asked before this.
            var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loops[0].Post(static state => ((TaskCompletionSource)state!).SetResult(), free);
            await free.Task.Within();
            Assert.False(response.IsCompleted);
        }

        await response.Within();
    }
}
