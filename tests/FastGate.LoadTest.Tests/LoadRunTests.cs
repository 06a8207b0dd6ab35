using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;
using FastGate.LoadTest.Sockets;
using HdrHistogram;

namespace FastGate.LoadTest.Tests;

/// <summary>What a run counts and measures when server or machine are too slow. The fake servers fail by counts, so no result depends on speed.</summary>
public class LoadRunTests
{
    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Devices_that_are_not_served_count_as_failed_and_are_dropped(string client)
    {
        // A machine may be so slow that no device is served in time: then the next server is given more.
        RunReport? report = null;
        for (int seconds = 1; report is null; seconds *= 4)
        {
            await using var gateway = new FakeGateway { Serves = 3 };
            try
            {
                LoadSettings settings = Settings(gateway, client) with { Devices = 8, ServeWithin = TimeSpan.FromSeconds(seconds) };
                report = Run(settings, settings => new PingScenario(settings));
            }
            catch (LoadFailedException) when (seconds < Deadline.Hang.TotalSeconds)
            {
                continue;
            }

            await Task.WhenAll(gateway.Connections.Where(connection => !connection.Served).Select(connection => connection.Life)).WaitAsync(Deadline.Hang);
        }

        Assert.Equal((8, 8), (report.Load.Ready + report.Load.Failed, report.Load.Connections));
        Assert.InRange(report.Load.Failed, 5, 8);
        Assert.False(new Thresholds { MaxLost = 0 }.Judge(report).Passed);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Due_cycles_count_when_the_server_stops_answering(string client)
    {
        await using var gateway = new FakeGateway { Serves = 3 };
        RunReport report = RunUntilCompleted(Settings(gateway, client) with { Devices = 2, Rate = 20 }, settings => new ChurnScenario(settings));
        Assert.InRange(report.Load.Operations, 1, 3);
        Assert.Equal(20, report.Load.Operations + report.Load.Unanswered);
    }

    [Fact]
    public async Task Due_takeovers_count_when_the_server_stops_answering()
    {
        await using var gateway = new FakeGateway { Serves = 3 };
        RunReport report = RunUntilCompleted(Settings(gateway) with { Devices = 1, Rate = 10 }, settings => new TakeoverScenario(settings));

        // Ten new connections. This server closes no old connection, so each served one leaves one more unanswered.
        Assert.InRange(report.Load.Operations, 1, 2);
        Assert.Equal(10, report.Load.Unanswered);
    }

    [Fact]
    public async Task Stalled_server_is_pinged_on_schedule_and_latency_counts_from_the_scheduled_instant()
    {
        const int Pings = 50;
        await using var gateway = new FakeGateway { PongsAfter = Pings };
        RunReport report = Run(Settings(gateway) with { Devices = 1, Rate = Pings, Settle = Deadline.Hang }, settings => new PingScenario(settings));

        // The first pong comes after the last ping, so each earlier ping has waited one more period.
        const double PeriodMs = 1000.0 / Pings;
        LatencyReport latency = Assert.Single(report.Latencies);
        Assert.Equal((Pings, 0L), (latency.Count, report.Load.Unanswered));
        Assert.InRange(latency.P50Ms, 24 * PeriodMs, double.MaxValue);
        Assert.InRange(latency.P90Ms, 44 * PeriodMs, double.MaxValue);
        Assert.InRange(latency.MaxMs, 49 * PeriodMs, double.MaxValue);
        Assert.InRange(latency.MeanMs, 24.5 * PeriodMs, double.MaxValue);
    }

    [Fact]
    public async Task Late_driver_does_everything_that_is_due_before_the_end()
    {
        await using var gateway = new FakeGateway();
        long period = LoadSettings.Nanoseconds(TimeSpan.FromMilliseconds(1));
        List<long> dues = [];
        Run(Settings(gateway) with { Devices = 1, Duration = TimeSpan.FromMilliseconds(200), Settle = TimeSpan.Zero }, settings => new StubScenario(settings, period, (_, due) =>
        {
            dues.Add(due);
            Thread.Sleep(5);
        }));
        Assert.Equal(200, dues.Count);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => dues[0] + (i * period)), dues);
    }

    [Fact]
    public async Task Interrupted_late_driver_skips_what_is_due()
    {
        await using var gateway = new FakeGateway();
        using var stop = new CancellationTokenSource();
        int timers = 0;
        LoadSettings settings = Settings(gateway) with { Devices = 1, Duration = TimeSpan.FromMinutes(10) };
        var scenario = new StubScenario(settings, LoadSettings.Nanoseconds(TimeSpan.FromMicroseconds(100)), (_, _) =>
        {
            // After the first timer ten thousand are due; at one millisecond each they would take ten seconds.
            Thread.Sleep(timers++ == 0 ? 1000 : 1);
            stop.Cancel();
        });
        RunReport report = new LoadRun(settings, scenario, new NoProgress(), "", stop.Token).Execute();
        Assert.True(report.Interrupted);
        Assert.InRange(timers, 1, 5_000);
    }

    [Fact]
    public async Task Interrupted_ramp_reports_what_was_measured_and_devices_not_due_yet_do_not_fail()
    {
        await using var gateway = new FakeGateway();
        using var stop = new CancellationTokenSource();
        LoadSettings settings = Settings(gateway) with { Devices = 1_000, Ramp = 10 };
        RunReport report = new LoadRun(settings, new PingScenario(settings), new StoppingProgress(stop), "", stop.Token).Execute();
        Assert.True(report.Interrupted);
        Assert.InRange(report.Load.Ready, 1, 900);
        Assert.Equal((report.Load.Connections, report.Load.Ready), (report.Load.Ready + report.Load.Failed, report.Connect.Count));
        ReportTests.AssertSameNumbers(HtmlReport.Write(report), JsonReport.Write(report));
    }

    [Fact]
    public async Task Run_cancelled_before_measuring_is_not_a_failure()
    {
        await using var gateway = new FakeGateway { Serves = 0 };
        LoadSettings settings = Settings(gateway);
        Assert.Throws<OperationCanceledException>(() => new LoadRun(settings, new PingScenario(settings), new NoProgress(), "", new CancellationToken(canceled: true)).Execute());
        Assert.Throws<LoadFailedException>(() => Run(settings with { ServeWithin = TimeSpan.Zero }, settings => new PingScenario(settings)));
    }

    [Fact]
    public async Task Nothing_due_after_the_end_begins_even_when_the_run_stops_late()
    {
        await using var gateway = new FakeGateway();
        RunReport report = Run(
            Settings(gateway) with { Devices = 5, Rate = 100, Duration = TimeSpan.FromMilliseconds(700), Settle = Deadline.Hang },
            settings => new PingScenario(settings),
            new BlockingProgress(TimeSpan.FromSeconds(1)));
        Assert.Equal(70, report.Load.Operations);
    }

    [Fact]
    public async Task Operations_of_the_lead_are_not_measured()
    {
        await using var gateway = new FakeGateway();
        RunReport report = Run(Settings(gateway) with { Devices = 5, Rate = 100, Lead = TimeSpan.FromMilliseconds(500), Settle = Deadline.Hang }, settings => new PingScenario(settings));
        Assert.Equal((150, 100), (report.Load.Operations, report.Latencies[0].Count));
    }

    [Fact]
    public async Task Storm_comes_after_the_lead_and_is_measured()
    {
        await using var gateway = new FakeGateway();
        RunReport report = Run(
            Settings(gateway) with { Devices = 5, Lead = TimeSpan.FromMilliseconds(400), CutAfter = TimeSpan.FromMilliseconds(100), Settle = Deadline.Hang },
            settings => new StormScenario(settings));
        Assert.Equal((5, 5), (report.Load.Operations, report.Latencies[0].Count));
    }

    [Fact]
    public void Waiting_for_the_server_is_not_lateness_of_the_driver()
    {
        var settings = new LoadSettings { Target = new(System.Net.IPAddress.Loopback, 1), Devices = 1, Rate = 10 };
        var scenario = new ChurnScenario(settings);
        using var loop = new DriverLoop(settings, scenario, 0, CancellationToken.None);
        SimulatedDevice device = loop.Add(0, 0);
        scenario.OnSteady(device, 1_000);
        long first = device.TimerDue;
        Assert.Equal(7, device.LatenessOf(first, first + 7));

        // When the pong arrives, seven more cycles are due.
        PingRound.Send(device, first);
        long answered = first + 750_000_000;
        scenario.OnReply(device, GatewayReply.Pong, answered);
        Assert.Equal(first + 100_000_000, device.TimerDue);
        Assert.Equal(7, device.LatenessOf(device.TimerDue, answered + 7));
        Assert.Equal((1, loop.Latencies[0].HighestEquivalentValue(750_000_000)), (loop.Latencies[0].TotalCount, loop.Latencies[0].GetMaxValue()));
    }

    [Fact]
    public async Task Ramp_connects_on_schedule()
    {
        await using var gateway = new FakeGateway();
        SortedDictionary<int, long> due = [];
        Run(Settings(gateway) with { Devices = 20, Ramp = 100 }, settings => new StubScenario(settings, long.MaxValue / 4, (device, _) => due[device.Number] = device.ConnectDue));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => due[0] + (i * 10_000_000L)), due.Values);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Devices_use_all_source_addresses(string client)
    {
        await using var gateway = new FakeGateway();
        Run(Settings(gateway, client) with { Devices = 20, Sources = 8 }, settings => new PingScenario(settings));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"127.1.0.{i}"), gateway.Connections.Select(connection => $"{connection.From}").Distinct().Order());
    }

    [Fact]
    public async Task Bytes_depend_on_the_seed_only()
    {
        static async Task<SortedDictionary<string, string>> SentAsync(int seed)
        {
            await using var gateway = new FakeGateway();
            Run(
                Settings(gateway) with { Devices = 4, Rate = 8, Seed = seed, Speech = TimeSpan.FromMilliseconds(180), BargeIn = 0 },
                settings => new ConverseScenario(settings));
            await Task.WhenAll(gateway.Connections.Select(connection => connection.Life)).WaitAsync(Deadline.Hang);
            return new(gateway.Connections.ToDictionary(connection => connection.DeviceId, connection => connection.Text));
        }

        SortedDictionary<string, string> first = await SentAsync(5);
        Assert.Equal(4, first.Count);
        Assert.Equal(first, await SentAsync(5));
        Assert.Empty(first.Values.Intersect((await SentAsync(6)).Values));
    }

    private static LoadSettings Settings(FakeGateway gateway, string client = "epoll") => new()
    {
        Client = Enum.Parse<ClientKind>(client, ignoreCase: true),
        Target = gateway.Target,
        Rate = 10,
        Duration = TimeSpan.FromSeconds(1),
        Settle = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>Ends when the load has ended and the server has completed an operation.</summary>
    private static RunReport RunUntilCompleted(LoadSettings settings, Func<LoadSettings, Scenario> create)
    {
        using var stop = new CancellationTokenSource();
        settings = settings with { Settle = Deadline.Hang };
        return new LoadRun(settings, create(settings), new SettlingProgress(stop), "", stop.Token).Execute();
    }

    private static RunReport Run(LoadSettings settings, Func<LoadSettings, Scenario> create, IRunProgress? progress = null) =>
        new LoadRun(settings, create(settings), progress ?? new NoProgress(), "", CancellationToken.None).Execute();
}
