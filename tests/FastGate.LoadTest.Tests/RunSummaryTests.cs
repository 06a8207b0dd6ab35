using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Tests;

/// <summary>The last lines of a run, from given instants.</summary>
public class RunSummaryTests
{
    private const long Second = 1_000_000_000;

    private static readonly LoadSettings s_settings = new() { Target = new(System.Net.IPAddress.Loopback, 1), ServerPid = 1 };

    [Fact]
    public void Shared_processors_limit_the_driver_only_when_both_use_them_fully()
    {
        RunInstant[] run = [At(0, 0, 0), At(1, 0.1, 0.1), At(2, 0.2, 0.2), At(12, 9.7, 9.6)];
        Assert.DoesNotContain("THE DRIVER WAS THE LIMIT", Summary(new PingScenario(s_settings), run, cores: 3), StringComparison.Ordinal);
        Assert.Contains(
            "THE DRIVER WAS THE LIMIT: server and driver together used 189 % of 200 % CPU",
            Summary(new PingScenario(s_settings), run, cores: 2),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Busy_thread_is_the_limit() => Assert.Contains(
        "THE DRIVER WAS THE LIMIT: a driver thread was busy 95 %",
        Summary(new PingScenario(s_settings), [At(0, 0, 0), At(1, 0, 0), At(2, 0, 0), At(12, 1, 1, busy: 9.5)], cores: 4),
        StringComparison.Ordinal);

    [Fact]
    public void Hold_checks_the_driver_during_the_ramp()
    {
        // Busy during the ramp of one second, then idle for ten seconds.
        RunInstant[] run = [At(0, 0, 0), At(1, 0.9, 0.9, busy: 0.95), At(2, 0.9, 0.9, busy: 0.95), At(12, 0.9, 0.9, busy: 0.95)];
        Assert.Contains("THE DRIVER WAS THE LIMIT: a driver thread was busy 95 %", Summary(new HoldScenario(s_settings), run, cores: 4), StringComparison.Ordinal);
        Assert.DoesNotContain("THE DRIVER WAS THE LIMIT", Summary(new PingScenario(s_settings), run, cores: 4), StringComparison.Ordinal);
        Assert.Contains("together used 180 % of 100 %", Summary(new HoldScenario(s_settings), run, cores: 1), StringComparison.Ordinal);
    }

    private static RunInstant At(double seconds, double serverCpu, double driverCpu, double busy = 0) => new(
        (long)(seconds * Second),
        new LoopCounters { Ready = 1, Open = 1 },
        [(long)(busy * Second)],
        LatencyHistograms.Create(),
        new ProcessSample(serverCpu, 1_000_000),
        driverCpu);

    private static string Summary(Scenario scenario, RunInstant[] run, int cores)
    {
        var summary = new RunSummary(s_settings, scenario, [], new RunSampler([], s_settings, scenario), "", DateTimeOffset.UnixEpoch, cores);
        using StringWriter output = new();
        SummaryWriter.Write(output, summary.Write(run[0], run[1], run[2], run[3], run[2].At));
        return output.ToString();
    }
}
