using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;
using FastGate.LoadTest.Sockets;
using HdrHistogram;

namespace FastGate.LoadTest.Tests;

/// <summary>What a run counts and measures when server or machine do not keep up. Servers misbehave by counts, so no result depends on how fast anything was.</summary>
public class LoadRunTests
{
    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Devices_that_a_server_never_serves_have_failed_and_are_dropped(string client)
    {
        await using var gateway = new FakeGateway { Serves = 3 };
        RunReport report = Run(Settings(gateway, client) with { Devices = 8, ServeWithin = TimeSpan.FromSeconds(2) }, settings => new PingScenario(settings));
        Assert.Equal((8, 8), (report.Load.Ready + report.Load.Failed, report.Load.Connections));
        Assert.InRange(report.Load.Failed, 5, 8);
        Assert.False(new Thresholds { MaxLost = 0 }.Judge(report).Passed);
        await Task.WhenAll(gateway.Connections.Where(connection => !connection.Served).Select(connection => connection.Life)).WaitAsync(Deadline.Hang);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Every_cycle_that_was_due_counts_when_the_server_falls_silent(string client)
    {
        await using var gateway = new FakeGateway { Serves = 3 };
        RunReport report = Run(Settings(gateway, client) with { Devices = 2, Rate = 20 }, settings => new ChurnScenario(settings));
        Assert.InRange(report.Load.Operations, 1, 3);
        Assert.Equal(20, report.Load.Operations + report.Load.Unanswered);
    }

    [Fact]
    public async Task Every_takeover_that_was_due_counts_when_the_server_falls_silent()
    {
        await using var gateway = new FakeGateway { Serves = 3 };
        RunReport report = Run(Settings(gateway) with { Devices = 1, Rate = 10 }, settings => new TakeoverScenario(settings));

        // Ten new connections to be served. This server closes no old one, so each that was served leaves one more that waits.
        Assert.InRange(report.Load.Operations, 1, 2);
        Assert.Equal(10, report.Load.Unanswered);
    }

    [Fact]
    public async Task A_stalled_server_is_asked_on_schedule_and_delay_counts_from_the_instant_it_was_due()
    {
        const int Pings = 50;
        await using var gateway = new FakeGateway { PongsAfter = Pings };
        RunReport report = Run(Settings(gateway) with { Devices = 1, Rate = Pings, Settle = Deadline.Hang }, settings => new PingScenario(settings));

        // Nothing is answered before the last ping is out, so the one before it has waited a period at least, and so on.
        const double PeriodMs = 1000.0 / Pings;
        LatencyReport latency = Assert.Single(report.Latencies);
        Assert.Equal((Pings, 0L), (latency.Count, report.Load.Unanswered));
        Assert.InRange(latency.P50Ms, 24 * PeriodMs, double.MaxValue);
        Assert.InRange(latency.P90Ms, 44 * PeriodMs, double.MaxValue);
        Assert.InRange(latency.MaxMs, 49 * PeriodMs, double.MaxValue);
        Assert.InRange(latency.MeanMs, 24.5 * PeriodMs, double.MaxValue);
    }

    [Fact]
    public async Task Everything_due_before_the_end_is_done_by_a_driver_that_is_behind()
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
    public async Task Who_interrupts_a_run_does_not_wait_for_what_the_driver_is_behind_with()
    {
        await using var gateway = new FakeGateway();
        using var stop = new CancellationTokenSource();
        int timers = 0;
        LoadSettings settings = Settings(gateway) with { Devices = 1, Duration = TimeSpan.FromMinutes(10) };
        var scenario = new StubScenario(settings, LoadSettings.Nanoseconds(TimeSpan.FromMicroseconds(100)), (_, _) =>
        {
            // Ten thousand are due behind the first one; each takes a millisecond, so all of them would take ten seconds.
            Thread.Sleep(timers++ == 0 ? 1000 : 1);
            stop.Cancel();
        });
        RunReport report = new LoadRun(settings, scenario, new NoProgress(), "", stop.Token).Execute();
        Assert.True(report.Interrupted);
        Assert.InRange(timers, 1, 5_000);
    }

    [Fact]
    public async Task A_ramp_that_is_interrupted_tells_what_was_measured_and_has_not_failed_those_whose_turn_had_not_come()
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
    public async Task A_run_that_is_stopped_before_anything_was_measured_is_no_server_that_serves_nobody()
    {
        await using var gateway = new FakeGateway { Serves = 0 };
        LoadSettings settings = Settings(gateway);
        Assert.Throws<OperationCanceledException>(() => new LoadRun(settings, new PingScenario(settings), new NoProgress(), "", new CancellationToken(canceled: true)).Execute());
        Assert.Throws<LoadFailedException>(() => Run(settings with { ServeWithin = TimeSpan.Zero }, settings => new PingScenario(settings)));
    }

    [Fact]
    public async Task Nothing_due_after_the_end_is_begun_however_late_the_run_is_told()
    {
        await using var gateway = new FakeGateway();
        RunReport report = Run(
            Settings(gateway) with { Devices = 5, Rate = 100, Duration = TimeSpan.FromMilliseconds(700), Settle = Deadline.Hang },
            settings => new PingScenario(settings),
            new BlockingProgress(TimeSpan.FromSeconds(1)));
        Assert.Equal(70, report.Load.Operations);
    }

    [Fact]
    public async Task What_was_due_in_the_lead_is_done_and_not_measured()
    {
        await using var gateway = new FakeGateway();
        RunReport report = Run(Settings(gateway) with { Devices = 5, Rate = 100, Lead = TimeSpan.FromMilliseconds(500), Settle = Deadline.Hang }, settings => new PingScenario(settings));
        Assert.Equal((150, 100), (report.Load.Operations, report.Latencies[0].Count));
    }

    [Fact]
    public async Task A_cut_comes_after_the_lead_and_is_measured()
    {
        await using var gateway = new FakeGateway();
        RunReport report = Run(
            Settings(gateway) with { Devices = 5, Lead = TimeSpan.FromMilliseconds(400), CutAfter = TimeSpan.FromMilliseconds(100), Settle = Deadline.Hang },
            settings => new StormScenario(settings));
        Assert.Equal((5, 5), (report.Load.Operations, report.Latencies[0].Count));
    }

    [Fact]
    public void A_cycle_that_waited_for_the_server_is_no_lateness_of_the_driver()
    {
        var settings = new LoadSettings { Target = new(System.Net.IPAddress.Loopback, 1), Devices = 1, Rate = 10 };
        var scenario = new ChurnScenario(settings);
        using var loop = new DriverLoop(settings, scenario, 0, CancellationToken.None);
        SimulatedDevice device = loop.Add(0, 0);
        scenario.OnSteady(device, 1_000);
        long first = device.TimerDue;
        Assert.Equal(7, device.LatenessOf(first, first + 7));

        // The pong comes when seven more cycles are due already.
        PingRound.Send(device, first);
        long answered = first + 750_000_000;
        scenario.OnReply(device, GatewayReply.Pong, answered);
        Assert.Equal(first + 100_000_000, device.TimerDue);
        Assert.Equal(7, device.LatenessOf(device.TimerDue, answered + 7));
        Assert.Equal((1, loop.Latencies[0].HighestEquivalentValue(750_000_000)), (loop.Latencies[0].TotalCount, loop.Latencies[0].GetMaxValue()));
    }

    [Fact]
    public async Task The_ramp_keeps_its_pace()
    {
        await using var gateway = new FakeGateway();
        SortedDictionary<int, long> due = [];
        Run(Settings(gateway) with { Devices = 20, Ramp = 100 }, settings => new StubScenario(settings, long.MaxValue / 4, (device, _) => due[device.Number] = device.ConnectDue));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => due[0] + (i * 10_000_000L)), due.Values);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Devices_come_from_the_addresses_they_are_spread_over(string client)
    {
        await using var gateway = new FakeGateway();
        Run(Settings(gateway, client) with { Devices = 20, Sources = 8 }, settings => new PingScenario(settings));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"127.1.0.{i}"), gateway.Connections.Select(connection => $"{connection.From}").Distinct().Order());
    }

    [Fact]
    public async Task The_same_seed_sends_the_same_bytes_and_another_others()
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

    private static RunReport Run(LoadSettings settings, Func<LoadSettings, Scenario> create, IRunProgress? progress = null) =>
        new LoadRun(settings, create(settings), progress ?? new NoProgress(), "", CancellationToken.None).Execute();
}
