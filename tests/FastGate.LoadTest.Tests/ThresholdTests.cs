using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Tests;

public class ThresholdTests
{
    public static TheoryData<string> Names => ["p50", "p99", "p999", "lost", "late", "throughput", "cpu", "mb", "bytes"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Limit_includes_its_value(string name)
    {
        RunReport report = Reports.Create();
        double actual = Actual(report, name);
        double worse = name == "throughput" ? actual + 0.001 : actual - 0.001;
        RunReport held = Limit(name, actual).Judge(report);
        RunReport missed = Limit(name, worse).Judge(report);
        Assert.True(held.Passed);
        Assert.False(missed.Passed);
        Assert.Equal((actual, true), (held.Thresholds.Single().Actual, held.Thresholds.Single().Passed));
        Assert.Equal((actual, false), (missed.Thresholds.Single().Actual, missed.Thresholds.Single().Passed));
    }

    [Fact]
    public void Run_without_thresholds_passes()
    {
        RunReport report = new Thresholds().Judge(Reports.Create());
        Assert.True(report.Passed);
        Assert.Empty(report.Thresholds);
    }

    [Fact]
    public void Figure_that_was_not_measured_is_missed()
    {
        RunReport report = Reports.Create() with { Server = null };
        Assert.False(Limit("cpu", 1e9).Judge(report).Passed);
        Assert.False(Limit("p99", 1e9).Judge(report with { Latencies = [report.Latencies[0] with { Count = 0 }] }).Passed);
        Assert.False(Limit("late", 1).Judge(report with { Load = report.Load with { LateShare = null } }).Passed);
    }

    [Fact]
    public void One_missed_threshold_fails_the_run() =>
        Assert.False(new Thresholds { MaxP99Ms = 1e9, MaxLost = 0, MinThroughput = 1 }.Judge(Reports.Create()).Passed);

    [Fact]
    public void Hold_judges_the_connect_latency()
    {
        RunReport report = Reports.Create() with { JudgedLatency = "connect" };
        RunReport judged = new Thresholds { MaxServerCpuUs = 1e9, MaxP50Ms = 1e9 }.Judge(report);
        Assert.Equal([report.Connect.P50Ms, report.Server!.CpuMicrosecondsPerConnection], judged.Thresholds.Select(result => result.Actual));
    }

    [Fact]
    public void Headroom_is_missed_when_the_driver_was_the_limit()
    {
        RunReport report = Reports.Create();
        var thresholds = new Thresholds { RequireDriverHeadroom = true };
        Assert.True(thresholds.Judge(report).Passed);
        Assert.False(thresholds.Judge(report with { Driver = report.Driver with { WasLimit = true } }).Passed);
    }

    [Theory]
    [InlineData(50, 0.5, 0.6, 60, 0)]
    [InlineData(86, 0.5, 5, 60, 1)]
    [InlineData(50, 3, 5, 60, 1)]
    [InlineData(50, 3, 50, 60, 0)]
    [InlineData(50, 0.5, 5, 190, 1)]
    [InlineData(99, 30, 31, 200, 3)]
    public void Driver_limit_is_detected(double busy, double lateness, double judged, double together, int reasons) =>
        Assert.Equal(reasons, DriverLimit.Find(busy, lateness, judged, together, cores: 2).Count);

    private static double Actual(RunReport report, string name) => name switch
    {
        "p50" => report.Latencies[0].P50Ms,
        "p99" => report.Latencies[0].P99Ms,
        "p999" => report.Latencies[0].P999Ms,
        "lost" => report.Load.Failed + report.Load.Lost + report.Load.Unanswered,
        "late" => report.Load.LateShare!.Value,
        "throughput" => report.Load.OperationsPerSecond,
        "cpu" => report.Server!.CpuMicrosecondsPerOperation!.Value,
        "mb" => report.Server!.ResidentMbPeak,
        _ => report.Server!.ResidentBytesPerDevice!.Value,
    };

    private static Thresholds Limit(string name, double value) => name switch
    {
        "p50" => new Thresholds { MaxP50Ms = value },
        "p99" => new Thresholds { MaxP99Ms = value },
        "p999" => new Thresholds { MaxP999Ms = value },
        "lost" => new Thresholds { MaxLost = value },
        "late" => new Thresholds { MaxLateShare = value },
        "throughput" => new Thresholds { MinThroughput = value },
        "cpu" => new Thresholds { MaxServerCpuUs = value },
        "mb" => new Thresholds { MaxServerMb = value },
        _ => new Thresholds { MaxBytesPerDevice = value },
    };
}
