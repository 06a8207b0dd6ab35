using System.Text.Json;
using FastGate.CommandLine.Commands;

namespace FastGate.Tests.CommandLine;

/// <summary>The rows of the command <c>top</c>.</summary>
public sealed class OverviewRowsTests
{
    [Fact]
    public void Counters_become_rates_of_the_time_between_two_overviews()
    {
        var rows = new OverviewRows();
        Assert.Equal("devices 5", Shown(rows, """{"devices":5,"connects":10,"ends":{"peer_closed":3,"replaced":1},"turns":{"completed":0}}""", 0)[0]);
        Assert.Equal(
            ["devices 5", "connects a second 5.0", "ends a second 1.5", "turns a second 2.0", "ended replaced 4", "ended peer_closed 3"],
            Shown(rows, """{"devices":5,"connects":20,"ends":{"peer_closed":3,"replaced":4,"idle":0},"turns":{"completed":3,"failed":1}}""", 2));
    }

    [Fact]
    public void Server_that_counts_from_0_again_has_no_negative_rate()
    {
        var rows = new OverviewRows();
        Shown(rows, """{"connects":1000}""", 0);
        Assert.Empty(Shown(rows, """{"connects":3}""", 1));
        Assert.Equal(["connects a second 4.0"], Shown(rows, """{"connects":7}""", 1));
    }

    [Fact]
    public void Providers_stages_loops_and_memory_are_shown() => Assert.Equal(
        ["busiest loop 40.0 %", "managed memory 1.0 MiB", "up for 1 h 1 min", "stage llm 12.5 ms", "llm deep deep-1 open, 2 in flight"],
        Shown(
            new OverviewRows(),
            """{"uptimeSeconds":3660,"loops":[{"loop":0,"busy":0.1},{"loop":1,"busy":0.4}],"memory":{"managedBytes":1048576},"stages":[{"name":"llm","meanMs":12.5}],"llm":[{"name":"deep","model":"deep-1","breaker":"open","inFlight":2}]}""",
            0));

    private static string[] Shown(OverviewRows rows, string overview, double seconds) =>
        [.. rows.Next(JsonElement.Parse(overview), seconds).Select(static row => $"{row.Name} {row.Value}")];
}
