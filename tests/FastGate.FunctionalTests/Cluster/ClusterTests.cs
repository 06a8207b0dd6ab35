using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Fleet;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Cluster;

/// <summary>Two servers of one cluster, and a Redis that is away at times.</summary>
public sealed partial class ClusterTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_device_that_connects_to_another_node_is_closed_on_the_first_one_as_if_it_had_connected_there()
    {
        await using DeviceClient local = await DeviceClient.ConnectAsync(cluster.First, "local");
        await local.HelloAsync();
        await using DeviceClient again = await DeviceClient.ConnectAsync(cluster.First, "local");
        string expected = await EndOfAsync(local);

        await using DeviceClient moved = await DeviceClient.ConnectAsync(cluster.First, "moved");
        await moved.HelloAsync();
        await ClaimedAsync(cluster.First, "moved");
        await using DeviceClient there = await DeviceClient.ConnectAsync(cluster.Second, "moved");
        Assert.Equal(expected, await EndOfAsync(moved));

        await there.HelloAsync();
        await there.PingAsync();
        await again.PingAsync();
        using AdminClient admin = new(cluster.First);
        Assert.DoesNotContain("moved", (await admin.DevicesAsync()).Select(static device => (string?)device["deviceId"]));
        await Eventually.TrueAsync(async () => await admin.MetricAsync("fastgate_connections_ended_total", "reason=\"replaced\"") >= 2);
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task Devices_notice_nothing_while_redis_hangs_and_connects_are_made_up_for_when_it_continues()
    {
        await using DeviceClient before = await DeviceClient.ConnectAsync(cluster.First, "before");
        await before.HelloAsync();
        await ClaimedAsync(cluster.First, "before");
        int reconciled = cluster.First.Log.Split("devices were claimed or verified").Length - 1;
        cluster.Redis.Stop();
        try
        {
            using AdminClient admin = new(cluster.First);
            await Eventually.TrueAsync(async () => (string?)(await admin.StatusAsync())["cluster"]!["localOnly"] is not null);
            JsonObject status = await admin.StatusAsync();
            Assert.True((bool)status["ready"]!);
            Assert.StartsWith("cluster: local only", (string?)status["reasons"]![0], StringComparison.Ordinal);
            Assert.Equal("first", (string?)Assert.Single((await admin.GetAsync("/api/v1/nodes"))["nodes"]!.AsArray())!["name"]);
            await before.PingAsync();

            // Whether a device is elsewhere is not known; one that is here is reached.
            using FleetClient fleet = new(cluster.First);
            JsonNode refused = (await fleet.SendAsync(HttpMethod.Post, "/api/v1/devices/elsewhere/kick", expected: HttpStatusCode.ServiceUnavailable))!;
            Assert.Contains("the other nodes are not reached", (string?)refused["detail"], StringComparison.Ordinal);
            JsonNode matched = (await fleet.SendAsync(
                HttpMethod.Post, "/api/v1/message", """{"filter":{"prefix":"before"},"kind":"system","text":"here"}""", HttpStatusCode.Accepted))!;
            Assert.Equal(1, (int)matched["matched"]!);
            Assert.Single(matched["problems"]!.AsArray());
            Assert.Contains("here", await before.ReceiveTextAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await using DeviceClient meanwhile = await DeviceClient.ConnectAsync(cluster.First, "meanwhile");
            await meanwhile.HelloAsync();
            cluster.Redis.Continue();
            await ClusterFixture.JoinedAsync(cluster.First, reconciled + 1);
            await meanwhile.PingAsync();
            await using DeviceClient there = await DeviceClient.ConnectAsync(cluster.Second, "meanwhile");
            Assert.NotEmpty(await EndOfAsync(meanwhile));
        }

        await before.PingAsync();
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_restart_in_place_keeps_the_node_and_its_devices()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(cluster.First, "kept");
        await device.HelloAsync();
        await ClaimedAsync(cluster.First, "kept");
        int reconciled = cluster.First.Log.Split("devices were claimed or verified").Length - 1;
        await RestartRequest.RunAsync(cluster.First);
        await ClusterFixture.JoinedAsync(cluster.First, reconciled + 1);
        await device.PingAsync();

        using AdminClient own = new(cluster.First);
        using AdminClient admin = new(cluster.Second);
        IEnumerable<string?> alive = (await admin.GetAsync("/api/v1/nodes"))["nodes"]!.AsArray().Where(static node => (bool)node!["alive"]!).Select(static node => (string?)node!["name"]);
        Assert.Superset(new HashSet<string?> { "first", "second" }, alive.ToHashSet());
        Assert.Equal(0, await own.MetricAsync("fastgate_cluster_claims_total", "result=\"stale\""));
        await using DeviceClient there = await DeviceClient.ConnectAsync(cluster.Second, "kept");
        Assert.NotEmpty(await EndOfAsync(device));
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task The_devices_of_a_killed_node_are_claimed_by_the_node_that_they_come_to()
    {
        await using GatewayProcess third = await GatewayProcess.StartAsync(ClusterFixture.Arguments(cluster.Redis, "third"));
        await ClusterFixture.JoinedAsync(third);
        await using DeviceClient device = await DeviceClient.ConnectAsync(third, "orphan");
        await ClaimedAsync(third, "orphan");
        await third.KillAsync();
        await using DeviceClient back = await DeviceClient.ConnectAsync(cluster.Second, "orphan");
        await back.HelloAsync();
        await ClaimedAsync(cluster.Second, "orphan");
        await back.PingAsync();
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_server_does_not_start_on_keys_of_a_newer_version()
    {
        Assert.Equal("+OK", await cluster.Redis.CommandAsync("SET newer:schema 2"));
        await using var refused = GatewayProcess.Launch([.. ClusterFixture.Arguments(cluster.Redis, "newer"), "--FastGate:Cluster:Prefix=newer"]);
        Assert.Equal(1, await refused.WaitForExitAsync(Deadline.Program));
        Assert.Contains("the keys in Redis have schema 2", refused.Log, StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task Only_a_node_of_a_cluster_loads_the_client_of_redis()
    {
        await using GatewayProcess alone = await GatewayProcess.StartAsync();
        using AdminClient admin = new(alone);
        Assert.Null((await admin.StatusAsync())["cluster"]);
        JsonNode page = await admin.GetAsync("/api/v1/nodes");
        Assert.Null(page["node"]);
        Assert.Single(page["nodes"]!.AsArray());
        Assert.DoesNotContain("StackExchange.Redis", await MapsAsync(alone), StringComparison.Ordinal);

        // The native program has no files of its assemblies.
        string maps = await MapsAsync(cluster.First);
        Assert.Equal(maps.Contains("FastGate.dll", StringComparison.Ordinal), maps.Contains("StackExchange.Redis.dll", StringComparison.Ordinal));
    }

    private static Task<string> MapsAsync(GatewayProcess gateway) => File.ReadAllTextAsync($"/proc/{gateway.ProcessId}/maps");

    /// <summary>The messages until the close, and its status.</summary>
    private static async Task<string> EndOfAsync(DeviceClient device)
    {
        List<string> received = [];
        while (await device.ReceiveTextAsync() is { } text)
        {
            received.Add(text);
        }

        return $"{string.Join('\n', received)}\n{device.CloseStatus}";
    }

    /// <summary>Waits until nothing waits for the engine: the device is registered, so that its claim is counted before.</summary>
    private static async Task ClaimedAsync(GatewayProcess gateway, string device)
    {
        using AdminClient admin = new(gateway);
        await Eventually.TrueAsync(async () => (await admin.DevicesAsync()).Any(entry => (string?)entry["deviceId"] == device));
        await Eventually.TrueAsync(async () => await admin.MetricAsync("fastgate_cluster_waiting") == 0);
    }
}
