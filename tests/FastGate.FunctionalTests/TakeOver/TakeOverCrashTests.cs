using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.TakeOver;

/// <summary>
/// One of the two processes is killed or stopped at each step of a hand-over: every device is served by exactly one process or its connection is closed,
/// and new devices are accepted.
/// </summary>
public sealed class TakeOverCrashTests
{
    private const int SigStop = 19;
    private const int SigCont = 18;

    /// <summary>The first stage of a hand-over.</summary>
    private const int Canary = 10;
    private const int Many = 30;

    /// <summary>The new process is killed when it has sent the frame, or before it gets it.</summary>
    [Theory]
    [InlineData("Hello 0", Many, Many)]
    [InlineData("Listeners 0", Many, Many)]
    [InlineData("Ready 0", Many, Many)]
    [InlineData("Batch 1", Many, Many)]
    [InlineData("Received 1", Many, Many)]
    [InlineData("Offer 1", Many, Many)]
    [InlineData("Adopted 1", Many - Canary, Many - Canary + 2)]
    [InlineData("Serving 1", Many - Canary, Many - Canary + 2)]
    [InlineData("Batch 2", Many - Canary, Many - Canary + 2)]
    [InlineData("Received 2", Many - Canary, Many - Canary + 2)]
    [InlineData("Offer 2", Many - Canary, Many - Canary + 2)]
    [InlineData("Adopted 2", 0, 0)]
    public async Task Running_server_keeps_what_the_killed_new_process_had_not_adopted(string frame, int least, int most)
    {
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(Many);
        int kept;
        GatewayProcess? next = null;
        using FrameRelay relay = fixture.Relay(frame, () => Kill(next!));
        fixture.KeepConnecting();

        next = fixture.TakeOver(relay.Path);
        await using (next)
        {
            await next.WaitForExitAsync(Deadline.Program);
            await relay.Ended.WaitAsync(Deadline.Hang);
            kept = await fixture.AssertServesAsync(fixture.Old, least, most);
            await fixture.StopConnectingAsync();
            fixture.AssertNoneRefused(least == Many);
        }

        // Another process can take over afterwards.
        await using GatewayProcess another = await GatewayProcess.ReadyAsync(fixture.TakeOver());
        Assert.Equal(0, await fixture.Old.WaitForExitAsync());
        await fixture.AssertServesAsync(another, kept, kept);
        await fixture.AssertClosesAsync(another, kept);
    }

    /// <summary>The running server is killed when it has sent the frame, or before it gets it.</summary>
    [Theory]
    [InlineData("Ready 0", 0, 0)]
    [InlineData("Batch 1", Canary - 2, Canary)]
    [InlineData("Received 1", Canary - 2, Canary)]
    [InlineData("Offer 1", Canary - 2, Canary)]
    [InlineData("Adopted 1", Canary - 2, Canary)]
    [InlineData("Serving 1", Canary - 2, Canary)]
    [InlineData("Batch 2", Many, Many)]
    [InlineData("Received 2", Many, Many)]
    [InlineData("Offer 2", Many, Many)]
    [InlineData("Adopted 2", Many, Many)]
    [InlineData("Serving 2", Many, Many)]
    public async Task New_process_keeps_what_it_had_received_from_the_killed_server(string frame, int least, int most)
    {
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(Many);
        using FrameRelay relay = fixture.Relay(frame, () => Kill(fixture.Old));
        fixture.KeepConnecting();

        await using GatewayProcess next = await GatewayProcess.ReadyAsync(fixture.TakeOver(relay.Path));

        await relay.Ended.WaitAsync(Deadline.Hang);
        int kept = await fixture.AssertServesAsync(next, least, most);
        await fixture.StopConnectingAsync();
        fixture.AssertNoneRefused(least == Many);
        await fixture.AssertClosesAsync(next, kept);
    }

    [Theory]
    [InlineData("Hello 0")]
    [InlineData("Listeners 0")]
    public async Task New_process_ends_when_the_server_is_killed_before_it_has_passed_its_listeners(string frame)
    {
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(Many);
        using FrameRelay relay = fixture.Relay(frame, () => Kill(fixture.Old), dropsFrame: true);

        await using GatewayProcess next = fixture.TakeOver(relay.Path);

        Assert.Equal(1, await next.WaitForExitAsync(Deadline.Program));
        Assert.Contains("Cannot take over", next.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(true, await fixture.AnsweredAsync());
    }

    /// <summary>It holds copies of the sockets and finds the answer of the ballot when it runs again.</summary>
    [Theory]
    [InlineData("Received 1", Many, Many)]
    [InlineData("Serving 1", Many - Canary, Many - Canary)]
    public async Task Stopped_new_process_touches_no_device_when_it_runs_again(string frame, int least, int most)
    {
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(Many);
        GatewayProcess? next = null;
        using FrameRelay relay = fixture.Relay(frame, () => next!.Signal(SigStop), dropsFrame: true);
        next = fixture.TakeOver(relay.Path);
        await using (next)
        {
            await Eventually.TrueAsync(() => fixture.Old.Log.Contains("this server continues to serve", StringComparison.Ordinal), Deadline.Program);
            next.Signal(SigCont);

            Assert.Equal(1, await next.WaitForExitAsync(Deadline.Program));
            int kept = await fixture.AssertServesAsync(fixture.Old, least, most);
            await fixture.AssertClosesAsync(fixture.Old, kept);
        }
    }

    [Fact]
    public async Task Stopped_running_server_serves_its_devices_when_it_runs_again()
    {
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(Many);
        using FrameRelay relay = fixture.Relay("Received 2", () => fixture.Old.Signal(SigStop), dropsFrame: true);
        await using GatewayProcess next = fixture.TakeOver(relay.Path);

        Assert.Equal(1, await next.WaitForExitAsync(Deadline.Program));
        fixture.Old.Signal(SigCont);

        await fixture.AssertServesAsync(fixture.Old, Many - Canary, Many - Canary);
        await fixture.AssertClosesAsync(fixture.Old, Many - Canary);
    }

    private static void Kill(GatewayProcess process)
    {
        process.Signal(PosixProcess.SigKill);

        // Its end must be seen before the frame is passed.
        process.WaitForExitAsync().GetAwaiter().GetResult();
    }
}
