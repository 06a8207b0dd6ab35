using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Restarts;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Tests.Restarts;

/// <summary>The driver against a server whose only fault is known: it must report this one and no other.</summary>
public class RestartScenarioTests
{
    private const int MostRuns = 8;

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.CloseDevice, "devices closed", "messages lost", "hellos not answered", "gap of a device")]
    [InlineData(Fault.RefuseConnect, "connects refused or reset")]
    [InlineData(Fault.LosePong, "messages lost", "operations not finished", "gap of a device")]
    [InlineData(Fault.DoublePong, "messages doubled")]
    [InlineData(Fault.SwapPongs, "messages reordered")]
    [InlineData(Fault.ChangeSession, "session ids changed")]
    [InlineData(Fault.IgnoreHello, "hellos not answered", "operations not finished")]
    [InlineData(Fault.LoseSentence, "turns broken", "messages lost")]
    [InlineData(Fault.DoubleSentence, "messages doubled")]
    [InlineData(Fault.CutWithoutLine, "turns broken", "messages lost")]
    [InlineData(Fault.CutTooEarly, "turns broken")]
    [InlineData(Fault.NeverStop, "hellos not answered", "operations not finished")]
    [InlineData(Fault.NoRestart, "restarts that did not happen")]
    [InlineData(Fault.RefuseRestart, "restarts that did not happen")]
    [InlineData(Fault.StartLate)]
    [InlineData(Fault.GrowMemory, "memory after the last restart")]
    [InlineData(Fault.LeakDescriptor, "other descriptors")]
    [InlineData(Fault.LeakSockets, "sockets after the last restart")]
    public async Task Fault_is_reported_and_nothing_else(Fault fault, params string[] missed)
    {
        (RestartReport report, IReadOnlyList<ThresholdResult> judged) = await RunAsync(fault, maxGapMs: 60_000);
        string[] found = [.. judged.Where(static result => !result.Passed).Select(static result => result.What)];
        string[] expected = [.. missed.Where(static what => what != "gap of a device")];
        Assert.Equal(expected.Order(), expected.Where(what => found.Any(found => found.StartsWith(what, StringComparison.Ordinal))).Order());
        Assert.Equal(expected.Length, found.Length);

        // The gap of a device that is not answered lasts as long as the window. Of an answered one it may, when the machine pauses.
        if (missed.Contains("gap of a device"))
        {
            Assert.InRange(report.Rounds.Max(static round => round.Gap.MaxMs), Small.Watch.TotalMilliseconds, double.MaxValue);
        }
    }

    [Fact]
    public async Task Delayed_answers_are_the_gap()
    {
        (RestartReport report, IReadOnlyList<ThresholdResult> judged) = await RunAsync(Fault.DelayPong, maxGapMs: 1);

        // The first part of a cut frame may hold the message whose answer is delayed.
        Assert.InRange(report.Rounds.Max(static round => round.Gap.MaxMs), FaultyGateway.Delay.TotalMilliseconds / 2, double.MaxValue);
        Assert.False(judged.Single(static result => result.Option == "--max-gap-ms").Passed);
        Assert.Equal((0, 0, 0), (report.Lost, report.Doubled, report.Reordered));
    }

    [Fact]
    public async Task Faultless_restarts_are_counted_whole()
    {
        (RestartReport report, _) = await RunAsync(Fault.None, maxGapMs: 60_000);
        Assert.Equal((12, 0, 6, 2), (report.Connected, report.NotConnected, report.Pinging, report.Turning));
        Assert.Equal(24, report.Hellos);
        Assert.InRange(report.NewConnects, 10, 1000);
        Assert.InRange(report.TurnsFinished, 2, 1000);
        Assert.InRange(report.Messages, 100, 100_000);
        Assert.Equal(["restarting", "restarting"], report.Rounds.Select(static round => round.Answer));
        Assert.All(report.Rounds, static round => Assert.Equal(["Restarted in 12 ms"], round.Log));
        Assert.InRange(report.Rounds[0].Gap.P50Ms, 0.001, 60_000);
    }

    [Theory]
    [InlineData("restart --devices 10 --pinging 5 --turning 5", "needs --start-server")]
    [InlineData("restart --devices 10 --start-server", "--pinging and --turning")]
    [InlineData("restart --devices 10 --pinging 5 --turning 5 --start-server --every 12s", "--every")]
    [InlineData("restart --devices 10 --pinging 5 --turning 5 --start-server --threads 2", "--threads")]
    [InlineData("restart --devices 10 --pinging 5 --turning 5 --start-server --turn-wait 9s", "--turn-wait")]
    [InlineData("restart --devices 10 --pinging -1 --start-server", "--pinging")]
    public async Task Settings_that_cannot_be_run_are_refused(string line, string reason)
    {
        using StringWriter output = new();
        Assert.Equal(ScenarioRunner.NotMeasured, await ScenarioCommands.Create(output, output).Parse(line.Split(' ')).InvokeAsync());
        Assert.Contains(reason, output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The windows are longer than the pauses that a busy machine makes, because the fault must fall into one and its effect must fill it.</summary>
    private static RestartSettings Small { get; } = new()
    {
        Restarts = 2,
        Every = TimeSpan.FromMilliseconds(1280),
        Watch = TimeSpan.FromMilliseconds(640),
        HelloSpread = TimeSpan.FromMilliseconds(240),
        PingPeriod = TimeSpan.FromMilliseconds(100),
        Stay = TimeSpan.FromMilliseconds(100),
        Settle = TimeSpan.FromSeconds(4),
        Pinging = 6,
        Turning = 2,
        Arrivals = 20,
    };

    /// <summary>Runs again when the machine has paused for a large part of a window: then the fault may have fallen out of it. The number of runs is bounded.</summary>
    private static async Task<(RestartReport Report, IReadOnlyList<ThresholdResult> Judged)> RunAsync(Fault fault, double maxGapMs)
    {
        for (int run = 1; ; run++)
        {
            (RunReport report, IReadOnlyList<ThresholdResult> judged) = await RunOnceAsync(fault, maxGapMs);
            if (report.Driver.LatenessMaxMs < Small.Watch.TotalMilliseconds / 2 || run == MostRuns)
            {
                return (report.Restart!, judged);
            }
        }
    }

    private static async Task<(RunReport Report, IReadOnlyList<ThresholdResult> Judged)> RunOnceAsync(Fault fault, double maxGapMs)
    {
        await using var gateway = new FaultyGateway(fault);

        // An arrival may take a fault that belongs to a pinging device.
        RestartSettings own = Small with { MaxGapMs = maxGapMs, Arrivals = fault is Fault.None or Fault.RefuseConnect ? Small.Arrivals : 0 };
        LoadSettings settings = new() { Target = gateway.Target, Devices = 12, Duration = own.Length, Settle = own.Settle, Restart = own };
        using var scenario = new RestartScenario(settings, own, gateway);
        RunReport report = await Task.Run(() => new LoadRun(settings, scenario, new NoProgress(), "", CancellationToken.None).Execute());
        return (report, scenario.Judge(report));
    }
}
