using System.Diagnostics;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Million;

namespace FastGate.LoadTest.Tests;

/// <summary>A small fleet through the harness that counts a million: in a process of its own, for nothing else may be on its heap.</summary>
public class MillionTests
{
    [Fact]
    public async Task A_small_fleet_stays_below_the_bound_and_the_two_ways_of_counting_agree()
    {
        string file = Path.GetTempFileName();
        try
        {
            string printed = await ExternalProgram.RunAsync(
                "dotnet", [typeof(FleetResult).Assembly.Location, "--devices", "2000", "--rounds", "1", "--seconds", "0", "--json", file]);
            Assert.Contains("reached: own bytes a device", printed, StringComparison.Ordinal);
            Assert.DoesNotContain("MISSED", printed, StringComparison.Ordinal);
            JsonNode fleet = JsonNode.Parse(await File.ReadAllTextAsync(file))![0]!;
            double own = (double)fleet["ownBytes"]!;
            double alive = (double)fleet["aliveBytes"]!;
            Assert.InRange(own, alive, 1536);
            Assert.InRange((double)fleet["measuredBytes"]!, alive * 0.95, alive * 1.05);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--devices", "abc")]
    [InlineData("--devices", "1000,0")]
    [InlineData("--rounds", "0")]
    [InlineData("--rounds", "x")]
    [InlineData("--seconds", "-1")]
    public async Task What_cannot_be_run_is_refused_with_its_reason(string option, string value)
    {
        using Process million = ExternalProgram.Start("dotnet", [typeof(FleetResult).Assembly.Location, option, value]);
        string[] said = await Task.WhenAll(million.StandardOutput.ReadToEndAsync(), million.StandardError.ReadToEndAsync()).WaitAsync(Deadline.Program);
        await million.WaitForExitAsync().WaitAsync(Deadline.Hang);
        Assert.Equal(1, million.ExitCode);
        Assert.Contains(option, said[1], StringComparison.Ordinal);
        Assert.DoesNotContain("exception", said[1], StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(600, 610, 605, true)]
    [InlineData(600, 730, 605, false)]
    [InlineData(730, 600, 605, false)]
    public void Memory_is_judged_over_all_sizes(double small, double middle, double large, bool flat) =>
        AssertVerdict(flat, Fleet(10_000, small, 100), Fleet(100_000, middle, 100), Fleet(1_000_000, large, 100));

    [Fact]
    public void A_sweep_in_order_is_judged_over_all_fleets_that_no_cache_holds()
    {
        AssertVerdict(false, Fleet(10_000, 600, 100), Fleet(100_000, 600, 125), Fleet(1_000_000, 600, 105));
        AssertVerdict(true, Fleet(2_000, 600, 50), Fleet(100_000, 600, 115), Fleet(1_000_000, 600, 105));
    }

    [Fact]
    public void A_fleet_of_any_size_may_miss_the_bound() =>
        AssertVerdict(false, Fleet(10_000, 600, 100, own: 1_600), Fleet(1_000_000, 600, 100, own: 1_500));

    private static void AssertVerdict(bool reached, params FleetResult[] fleets)
    {
        using StringWriter output = new();
        var report = new LedgerReport(output);
        report.WriteVerdict(fleets);
        Assert.True(report.Missed != reached, output.ToString());
        Assert.Equal(!reached, output.ToString().Contains("MISSED", StringComparison.Ordinal));
    }

    private static FleetResult Fleet(int devices, double measured, double ping, double own = 1_000)
    {
        Spread time = new(ping * 1.5, ping, ping * 2);
        return new FleetResult
        {
            Devices = devices,
            DoubleBytes = 100,
            MeasuredBytes = measured,
            Lines = [new LedgerLine("object", own, Alive: true)],
            LeftBytes = 0,
            ConnectNs = time,
            HelloNs = time,
            PingNs = time,
            ShuffledPingNs = new(ping * devices, ping, ping),
            HotFindNs = time,
            ShuffledFindNs = time,
            TickUs = null,
            RefileNs = null,
            ResidentBytes = 0,
        };
    }
}
