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
        Assert.Equal(
            ["devices 5", "busiest loop 25.0 %", "ended peer_closed 3", "ended replaced 1"],
            Shown(rows, """{"at":"2026-01-01T00:00:00Z","devices":5,"connects":10,"ends":{"peer_closed":3,"replaced":1},"turns":{"completed":0},"loops":[{"loop":0,"busy":0.1},{"loop":1,"busy":0.25}]}"""));
        Assert.Equal(
            ["devices 5", "connects a second 5.0", "ends a second 1.5", "turns a second 2.0", "busiest loop 40.0 %", "ended replaced 4", "ended peer_closed 3"],
            Shown(rows, """{"at":"2026-01-01T00:00:02Z","devices":5,"connects":20,"ends":{"peer_closed":3,"replaced":4,"idle":0},"turns":{"completed":3,"failed":1},"loops":[{"loop":0,"busy":0.4},{"loop":1,"busy":0.1}]}"""));
    }

    [Fact]
    public void Server_that_counts_from_0_again_has_no_negative_rate()
    {
        var rows = new OverviewRows();
        Shown(rows, """{"at":"2026-01-01T00:00:00Z","connects":1000}""");
        Assert.Empty(Shown(rows, """{"at":"2026-01-01T00:00:01Z","connects":3}"""));
        Assert.Equal(["connects a second 4.0"], Shown(rows, """{"at":"2026-01-01T00:00:02Z","connects":7}"""));
    }

    [Fact]
    public void Models_stages_and_memory_are_shown() => Assert.Equal(
        ["managed memory 1.0 MiB", "up for 1 h 1 min", "stage llm 12.5 ms", "llm deep deep-1, breaker Open, 2 in flight", "llm echo breaker Closed, 0 in flight"],
        Shown(
            new OverviewRows(),
            """{"uptimeSeconds":3660,"memory":{"managedBytes":1048576},"loops":[],"stages":[{"name":"llm","count":1,"meanMs":12.5}],"llm":[{"name":"deep","model":"deep-1","breaker":"Open","inFlight":2},{"name":"echo","breaker":"Closed","inFlight":0}]}"""));

    private static string[] Shown(OverviewRows rows, string overview) =>
        [.. rows.Next(JsonElement.Parse(overview)).Select(static row => $"{row.Name} {row.Value}")];
}
