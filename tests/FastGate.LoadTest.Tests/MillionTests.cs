using System.Diagnostics;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Million;

namespace FastGate.LoadTest.Tests;

/// <summary>A small fleet of FastGate.Million, in a separate process because the heap must contain nothing else.</summary>
public class MillionTests
{
    /// <summary>What a silent device that has said hello holds of the project's own objects, the transport's included.</summary>
    private const double MostBytes = 697;
    private const int MostObjects = 6;

    /// <summary>The same on the event loops, where no state machine waits.</summary>
    private const double MostLoopBytes = 537;
    private const int MostLoopObjects = 5;

    [Fact]
    public async Task Small_fleet_meets_the_limit_and_both_ways_of_counting_agree()
    {
        string file = Path.GetTempFileName();
        try
        {
            string printed = await ExternalProgram.RunAsync(
                "dotnet", [typeof(FleetResult).Assembly.Location, "--devices", "2000", "--rounds", "1", "--seconds", "0", "--warm-up", "1", "--json", file]);
            Assert.Contains("reached: own bytes a device", printed, StringComparison.Ordinal);
            Assert.DoesNotContain("MISSED", printed, StringComparison.Ordinal);
            JsonNode fleet = JsonNode.Parse(await File.ReadAllTextAsync(file))![0]!;
            double own = (double)fleet["ownBytes"]!;
            double alive = (double)fleet["aliveBytes"]!;
            Assert.InRange(own, alive, MostBytes);
            Assert.InRange((double)fleet["loopBytes"]!, 1, MostLoopBytes);
            JsonNode?[] objects = [.. fleet["lines"]!.AsArray().Where(static line => !((string)line!["type"]!).StartsWith("slot", StringComparison.Ordinal))];
            Assert.InRange(objects.Length, 1, MostObjects);
            Assert.InRange(objects.Count(static line => (bool)line!["onLoops"]!), 1, MostLoopObjects);
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
    public async Task Impossible_run_is_rejected_with_the_reason(string option, string value)
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
    public void Sweep_in_order_is_judged_over_fleets_larger_than_the_caches()
    {
        AssertVerdict(false, Fleet(10_000, 600, 100), Fleet(100_000, 600, 125), Fleet(1_000_000, 600, 105));
        AssertVerdict(true, Fleet(2_000, 600, 50), Fleet(100_000, 600, 115), Fleet(1_000_000, 600, 105));
    }

    [Fact]
    public void Limit_is_checked_for_every_size() =>
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
