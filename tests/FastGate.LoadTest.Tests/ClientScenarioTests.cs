using System.Text.Json.Nodes;

namespace FastGate.LoadTest.Tests;

/// <summary>The scenarios with one kind of device socket. A class per kind, because classes run in parallel.</summary>
public abstract class ClientScenarioTests(LoadFixture servers, string client) : IClassFixture<LoadFixture>
{
    [Fact]
    public async Task Ping_sends_the_requested_number_on_two_threads()
    {
        JsonNode run = await servers.HeldAsync($"ping --client {client} --devices 20 --rate 400 --duration 1s --threads 2");
        Assert.Equal(400, LoadFixture.Load(run, "operations"));
        Assert.Equal(400, (long)run["latencies"]![0]!["count"]!);

        // One hello per device and the pings, nothing else.
        Assert.Equal(420, LoadFixture.Load(run, "messagesSent"));
    }

    [Fact]
    public async Task Converse_completes_every_turn_and_interrupts_some()
    {
        JsonNode run = await servers.HeldAsync($"converse --client {client} --devices 12 --rate 4 --duration 6s --speech 180ms --barge-in 0.4");
        long interrupted = (long)run["latencies"]![2]!["count"]!;
        long turns = LoadFixture.Load(run, "operations");

        // A device that still speaks at the end sends no text.
        Assert.InRange(turns, 12, 24);
        Assert.InRange(interrupted, 1, 1000);
        Assert.Equal(turns + interrupted, (long)run["latencies"]![1]!["count"]!);
    }

    [Fact]
    public async Task Churn_connects_for_every_cycle()
    {
        JsonNode run = await servers.HeldAsync($"churn --client {client} --devices 10 --rate 60 --duration 1s");
        Assert.Equal(60, LoadFixture.Load(run, "operations"));
        Assert.Equal(60, LoadFixture.Load(run, "connections"));
    }

    [Fact]
    public async Task Storm_reconnects_every_device()
    {
        JsonNode run = await servers.HeldAsync($"storm --client {client} --devices 50 --cut-after 200ms --duration 1s");
        Assert.Equal(50, LoadFixture.Load(run, "operations"));
        Assert.Equal(100 + LoadFixture.Load(run, "retries"), LoadFixture.Load(run, "connections"));
    }

    [Fact]
    public async Task Takeover_ends_every_old_connection()
    {
        JsonNode run = await servers.HeldAsync($"takeover --client {client} --devices 10 --rate 20 --duration 1s");
        Assert.Equal(20, LoadFixture.Load(run, "operations"));
        Assert.Equal(20, (long)run["latencies"]![1]!["count"]!);
        Assert.Equal(30, LoadFixture.Load(run, "ready"));
    }

    [Fact]
    public async Task Abuse_keeps_the_other_devices_connected()
    {
        JsonNode run = await servers.HeldAsync($"abuse --client {client} --devices 10 --rate 100 --hostile 24 --retry 100ms --duration 2s");
        Assert.Equal(200, LoadFixture.Load(run, "operations"));
        Assert.InRange(LoadFixture.Load(run, "hostileConnections"), 24, 10_000);
        Assert.InRange(LoadFixture.Load(run, "hostileEnded"), 1, 10_000);
        Assert.Equal(200, (long)run["latencies"]![0]!["count"]! + (long)run["latencies"]![1]!["count"]!);
    }
}
