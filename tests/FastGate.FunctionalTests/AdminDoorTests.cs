using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The operator's port.</summary>
public sealed class AdminDoorTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Devices_come_and_go_in_the_list()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "LISTED-01");
        await device.HelloAsync();
        JsonObject shown = Assert.Single(await fixture.Admin.DevicesAsync());
        Assert.Contains("listed-01", shown.ToJsonString(), StringComparison.Ordinal);
        device.Drop();
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Status_and_metrics_are_served()
    {
        JsonObject status = await fixture.Admin.StatusAsync();
        foreach ((string room, int threads) in ((string, int)[])[("conversation", 2), ("memory", 2), ("summaries", 4)])
        {
            JsonNode workers = status[room]!;
            Assert.Equal(threads, (int)workers["threads"]!);
            Assert.InRange((double)workers["saturation"]!, 0, 1);
        }

        using HttpClient http = new();
        using HttpResponseMessage reply = await http.GetAsync(fixture.Gateway.AdminUri("/metrics"));
        Assert.StartsWith("text/plain", reply.Content.Headers.ContentType?.ToString(), StringComparison.Ordinal);
        string text = await reply.Content.ReadAsStringAsync();
        Assert.Contains("# TYPE fastgate_", text, StringComparison.Ordinal);
        Assert.DoesNotContain("listed-01", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_end_of_a_connection_is_counted_with_its_reason()
    {
        double before = await fixture.Admin.MetricAsync("fastgate_connections_ended_total");
        using (RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "counted"))
        {
            await device.SendAsync(ClientFrame.Build(3, []));
            await device.ReadToEndAsync();
        }

        await Eventually.ValueAsync(() => fixture.Admin.MetricAsync("fastgate_connections_ended_total"), count => count > before);
    }

    [Fact]
    public async Task A_door_to_the_world_needs_a_token()
    {
        await using GatewayProcess gateway = GatewayProcess.Launch(["--FastGate:Admin:Listen=0.0.0.0:0"]);
        Assert.NotEqual(0, await gateway.WaitForExitAsync());
        Assert.Contains("Admin:Token", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_asked_for_when_there_is_one()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Admin:Token=open-sesame");
        using HttpClient http = new();
        foreach (string path in (string[])["/metrics", "/api/v1/status", "/api/v1/devices", "/api/v1/handshakes"])
        {
            using HttpResponseMessage refused = await http.GetAsync(gateway.AdminUri(path));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            using HttpRequestMessage request = new(HttpMethod.Get, gateway.AdminUri(path));
            request.Headers.Authorization = new("Bearer", "open-sesame");
            using HttpResponseMessage served = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        Assert.DoesNotContain("open-sesame", gateway.Log, StringComparison.Ordinal);
    }
}
