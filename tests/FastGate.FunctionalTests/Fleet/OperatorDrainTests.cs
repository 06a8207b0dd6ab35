using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Fleet;

/// <summary>The drain by the admin API: it belongs to the server and lasts until it is cancelled or the program ends.</summary>
public sealed class OperatorDrainTests
{
    [Fact]
    public async Task Devices_leave_at_the_rate_and_new_connections_are_refused_until_the_drain_is_cancelled()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using FleetClient fleet = new(gateway);
        DeviceClient[] devices = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => DeviceClient.ConnectAsync(gateway, $"device-{i}")));

        await fleet.DrainAsync("""{"filter":{},"rate":1000,"close":1012}""");

        WebSocketCloseStatus?[] statuses = await Task.WhenAll(devices.Select(static device => device.ReceiveCloseAsync()));
        Assert.All(statuses, static status => Assert.Equal(1012, (int)status!.Value));
        JsonNode report = await Eventually.ValueAsync(fleet.DrainReportAsync, static report => (string?)report["state"] == "drained");
        Assert.Equal((20, 0), ((int)report["closed"]!, (int)report["remaining"]!));
        (HttpStatusCode ready, string reasons) = await fleet.ReadyAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        Assert.Contains("draining: all devices", reasons, StringComparison.Ordinal);
        Assert.Equal(503, await UpgradeAsync(gateway, "late"));
        await fleet.SendAsync(HttpMethod.Post, "/api/v1/drain", """{"filter":{}}""", HttpStatusCode.Conflict);

        await fleet.CancelDrainAsync();

        Assert.Equal(HttpStatusCode.OK, (await fleet.ReadyAsync()).Status);
        Assert.Equal(101, await UpgradeAsync(gateway, "late"));
        await fleet.SendAsync(HttpMethod.Delete, "/api/v1/drain", expected: HttpStatusCode.NotFound);
        Array.ForEach(devices, static device => device.Drop());
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(() => admin.MetricAsync("fastgate_connections_ended_total", "reason=\"moved\""), static count => count == 20);
        Assert.Equal(1, await admin.MetricAsync("fastgate_drain_refused_total"));
    }

    [Fact]
    public async Task Restart_in_place_ends_the_drain()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using FleetClient fleet = new(gateway);
        await using DeviceClient kept = await DeviceClient.ConnectAsync(gateway, "kept");
        await fleet.DrainAsync("""{"filter":{"prefix":"old-"}}""");
        Assert.Equal(503, await UpgradeAsync(gateway, "old-1"));
        Assert.Equal(101, await UpgradeAsync(gateway, "new-1"));
        Assert.Equal(HttpStatusCode.OK, (await fleet.ReadyAsync()).Status);

        await RestartRequest.RunAsync(gateway);

        Assert.Equal("none", (string?)(await fleet.DrainReportAsync())["state"]);
        Assert.Contains("The restart ends the drain of prefix=old-", gateway.Log, StringComparison.Ordinal);
        Assert.Equal(101, await UpgradeAsync(gateway, "old-1"));
        await kept.PingAsync();
    }

    private static async Task<int> UpgradeAsync(GatewayProcess gateway, string deviceId)
    {
        using RawConnection connection = await RawConnection.OpenAsync(gateway.DevicePort);
        await connection.SendAsync(DeviceTexts.Esp32Request(deviceId));
        return (await connection.ReadReplyAsync()).Status;
    }
}
