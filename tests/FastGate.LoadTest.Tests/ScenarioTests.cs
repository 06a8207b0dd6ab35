using System.Text.Json.Nodes;

namespace FastGate.LoadTest.Tests;

/// <summary>Short runs of every scenario against the real server. No result depends on speed.</summary>
public class ScenarioTests(LoadFixture servers) : IClassFixture<LoadFixture>
{
    [Fact]
    public async Task Hold_keeps_devices_and_pings_them()
    {
        JsonNode run = await HeldAsync("hold --devices 40 --duration 1s --keepalive 500ms");
        Assert.Equal(40, Load(run, "ready"));
        Assert.Equal(80, Load(run, "operations"));
        Assert.Equal("connect", (string?)run["judgedLatency"]);
        Assert.Equal(40, (long)run["connect"]!["count"]!);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Ping_sends_the_requested_number_on_two_threads(string client)
    {
        JsonNode run = await HeldAsync($"ping --client {client} --devices 20 --rate 400 --duration 1s --threads 2");
        Assert.Equal(400, Load(run, "operations"));
        Assert.Equal(400, (long)run["latencies"]![0]!["count"]!);

        // One hello per device and the pings, nothing else.
        Assert.Equal(420, Load(run, "messagesSent"));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Converse_completes_every_turn_and_interrupts_some(string client)
    {
        JsonNode run = await HeldAsync($"converse --client {client} --devices 12 --rate 4 --duration 6s --speech 180ms --barge-in 0.4");
        long interrupted = (long)run["latencies"]![2]!["count"]!;
        long turns = Load(run, "operations");

        // A device that still speaks at the end sends no text.
        Assert.InRange(turns, 12, 24);
        Assert.InRange(interrupted, 1, 1000);
        Assert.Equal(turns + interrupted, (long)run["latencies"]![1]!["count"]!);
    }

    [Fact]
    public async Task Audio_receives_every_frame_in_echo_mode()
    {
        (int status, JsonNode run, _, string printed) = await LoadFixture.RunAsync(servers.Echo, "audio --devices 6 --duration 1s --late-after 60s --max-late-share 0 --max-lost 0");
        Assert.True(status == 0, printed);
        Assert.InRange(Load(run, "framesExpected"), 96, 102);
        Assert.Equal(Load(run, "framesExpected"), Load(run, "operations"));
        Assert.Equal(0, (double)run["load"]!["lateShare"]!);
    }

    [Fact]
    public async Task Audio_with_uplink_only_works_without_echo_mode()
    {
        JsonNode run = await HeldAsync("audio --devices 4 --duration 4s --uplink-only");
        Assert.InRange(Load(run, "messagesSent"), 4 * 67, 4 * 70);
        Assert.Equal(4, Load(run, "operations"));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Churn_connects_for_every_cycle(string client)
    {
        JsonNode run = await HeldAsync($"churn --client {client} --devices 10 --rate 60 --duration 1s");
        Assert.Equal(60, Load(run, "operations"));
        Assert.Equal(60, Load(run, "connections"));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Storm_reconnects_every_device(string client)
    {
        JsonNode run = await HeldAsync($"storm --client {client} --devices 50 --cut-after 200ms --duration 1s");
        Assert.Equal(50, Load(run, "operations"));
        Assert.Equal(100 + Load(run, "retries"), Load(run, "connections"));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Takeover_ends_every_old_connection(string client)
    {
        JsonNode run = await HeldAsync($"takeover --client {client} --devices 10 --rate 20 --duration 1s");
        Assert.Equal(20, Load(run, "operations"));
        Assert.Equal(20, (long)run["latencies"]![1]!["count"]!);
        Assert.Equal(30, Load(run, "ready"));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("pipelines")]
    public async Task Abuse_keeps_the_other_devices_connected(string client)
    {
        JsonNode run = await HeldAsync($"abuse --client {client} --devices 10 --rate 100 --hostile 24 --retry 100ms --duration 2s");
        Assert.Equal(200, Load(run, "operations"));
        Assert.InRange(Load(run, "hostileConnections"), 24, 10_000);
        Assert.InRange(Load(run, "hostileEnded"), 1, 10_000);
        Assert.Equal(200, (long)run["latencies"]![0]!["count"]! + (long)run["latencies"]![1]!["count"]!);
    }

    [Fact]
    public async Task Missed_threshold_is_exit_status_1_and_in_every_report()
    {
        (int status, JsonNode run, string html, string printed) =
            await LoadFixture.RunAsync(servers.Gateway, "ping --devices 5 --rate 50 --duration 500ms --max-p99-ms 0 --max-lost 0");
        Assert.Equal(1, status);
        Assert.False((bool)run["passed"]!);
        Assert.Equal([false, true], run["thresholds"]!.AsArray().Select(result => (bool)result!["passed"]!));
        Assert.Contains("threshold missed", html, StringComparison.Ordinal);
        Assert.Contains("MISSED --max-p99-ms 0", printed, StringComparison.Ordinal);
        Assert.Contains("held   --max-lost 0", printed, StringComparison.Ordinal);
        Assert.Contains("driver: CPU", printed, StringComparison.Ordinal);
        ReportTests.AssertSameNumbers(html, run.ToJsonString());
    }

    [Fact]
    public async Task Token_is_in_no_report()
    {
        (int status, JsonNode run, string html, string printed) = await LoadFixture.RunAsync(servers.Gateway, "ping --devices 2 --duration 200ms --token my-secret");
        Assert.True(status == 0, printed);
        Assert.Contains("--token ***", (string?)run["command"], StringComparison.Ordinal);
        Assert.Contains("--token ***", html, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", run.ToJsonString() + html + printed, StringComparison.Ordinal);
    }

    /// <summary>Runs with <c>--max-lost 0</c> and expects exit status 0, equal numbers in both reports, and figures of the server.</summary>
    private async Task<JsonNode> HeldAsync(string line)
    {
        (int status, JsonNode run, string html, string printed) = await LoadFixture.RunAsync(servers.Gateway, line + " --max-lost 0");
        Assert.True(status == 0, printed);
        Assert.NotNull(run["server"]);
        ReportTests.AssertSameNumbers(html, run.ToJsonString());
        return run;
    }

    private static long Load(JsonNode run, string key) => (long)run["load"]![key]!;
}
