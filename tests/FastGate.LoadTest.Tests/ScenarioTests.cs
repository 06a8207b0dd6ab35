using System.Text.Json.Nodes;

namespace FastGate.LoadTest.Tests;

/// <summary>Short runs of every scenario against the real server. No result depends on speed.</summary>
public class ScenarioTests(LoadFixture servers) : IClassFixture<LoadFixture>
{
    [Fact]
    public async Task Hold_keeps_devices_and_pings_them()
    {
        JsonNode run = await servers.HeldAsync("hold --devices 40 --duration 1s --keepalive 500ms");
        Assert.Equal(40, LoadFixture.Load(run, "ready"));
        Assert.Equal(80, LoadFixture.Load(run, "operations"));
        Assert.Equal("connect", (string?)run["judgedLatency"]);
        Assert.Equal(40, (long)run["connect"]!["count"]!);
    }

    [Fact]
    public async Task Audio_receives_every_frame_in_echo_mode()
    {
        (int status, JsonNode run, _, string printed) = await LoadFixture.RunAsync(servers.Echo, "audio --devices 6 --duration 1s --late-after 60s --max-late-share 0 --max-lost 0");
        Assert.True(status == 0, printed);
        Assert.InRange(LoadFixture.Load(run, "framesExpected"), 96, 102);
        Assert.Equal(LoadFixture.Load(run, "framesExpected"), LoadFixture.Load(run, "operations"));
        Assert.Equal(0, (double)run["load"]!["lateShare"]!);
    }

    [Fact]
    public async Task Audio_with_uplink_only_works_without_echo_mode()
    {
        JsonNode run = await servers.HeldAsync("audio --devices 4 --duration 4s --uplink-only");
        Assert.InRange(LoadFixture.Load(run, "messagesSent"), 4 * 67, 4 * 70);
        Assert.Equal(4, LoadFixture.Load(run, "operations"));
    }

    [Fact]
    public async Task Flood_of_one_device_leaves_the_others_connected()
    {
        JsonNode run = await servers.HeldAsync("flood --devices 6 --rate 60 --flood 2000 --duration 5s");
        Assert.Equal(4_000, LoadFixture.Load(run, "floodPackets"));
        Assert.Equal(LoadFixture.Load(run, "operations"), (long)run["latencies"]![0]!["count"]! + (long)run["latencies"]![1]!["count"]!);
        Assert.InRange(LoadFixture.Load(run, "operations"), 245, 255);
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
}
