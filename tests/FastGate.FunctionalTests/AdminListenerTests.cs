using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The endpoints of the admin listener.</summary>
public sealed class AdminListenerTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Device_list_follows_connects_and_disconnects()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "LISTED-01");
        await device.HelloAsync();
        JsonObject shown = Assert.Single(await fixture.Admin.DevicesAsync());
        Assert.Contains("listed-01", shown.ToJsonString(), StringComparison.Ordinal);
        device.Drop();
        await fixture.AssertHealthyAsync();
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
    public async Task Metrics_start_at_zero()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using HttpClient http = new();
        string[] lines = (await http.GetStringAsync(gateway.AdminUri("/metrics"))).Replace("{} ", " ", StringComparison.Ordinal).Split('\n');
        Assert.Contains("fastgate_conversation_rejected_total 0", lines);
        Assert.Contains("fastgate_transport_refused_total 0", lines);
        Assert.Contains("fastgate_transport_accept_errors_total{kind=\"Pressure\"} 0", lines);
        Assert.Contains("fastgate_memory_turns_total{outcome=\"refused\"} 0", lines);
        Assert.Contains("fastgate_memory_failures_total{kind=\"disk_error\"} 0", lines);
        Assert.Contains("fastgate_memory_loads_total{outcome=\"late\"} 0", lines);
        Assert.Contains("fastgate_memory_summaries_total{outcome=\"failed\"} 0", lines);
        Assert.Contains("fastgate_connections_ended_total{reason=\"server_error\"} 0", lines);
    }

    [Theory]
    [InlineData("protocol_violation")]
    [InlineData("invalid_text")]
    [InlineData("message_too_big")]
    [InlineData("peer_closed")]
    [InlineData("peer_vanished")]
    [InlineData("peer_reset")]
    [InlineData("replaced")]
    [InlineData("not_upgraded")]
    [InlineData("handshake_refused")]
    public async Task Connection_end_is_counted_by_reason(string reason)
    {
        string tag = $"reason=\"{reason}\"";
        double allBefore = await fixture.Admin.MetricAsync("fastgate_connections_ended_total");
        double before = await fixture.Admin.MetricAsync("fastgate_connections_ended_total", tag);
        int connections = await EndAsync(reason);

        Assert.Equal(
            allBefore + connections,
            await Eventually.ValueAsync(() => fixture.Admin.MetricAsync("fastgate_connections_ended_total"), count => count >= allBefore + connections));
        Assert.Equal(before + 1, await fixture.Admin.MetricAsync("fastgate_connections_ended_total", tag));
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Listening_outside_loopback_requires_a_token()
    {
        await using var gateway = GatewayProcess.Launch(["--FastGate:Admin:Listen=0.0.0.0:0"]);
        Assert.NotEqual(0, await gateway.WaitForExitAsync());
        Assert.Contains("Admin:Token", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configured_token_is_required()
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

    /// <summary>Ends one connection for the reason and returns how many connections ended in total.</summary>
    private async Task<int> EndAsync(string reason)
    {
        int port = fixture.Gateway.DevicePort;
        if (reason is "not_upgraded" or "handshake_refused")
        {
            using RawConnection client = await RawConnection.OpenAsync(port);
            await client.SendAsync($"GET / HTTP/{(reason == "not_upgraded" ? "1.1" : "2.0")}\r\nHost: gateway\r\n\r\n");
            await client.ReadToEndAsync();
            return 1;
        }

        using RawConnection device = await RawConnection.OpenDeviceAsync(port, "counted");
        switch (reason)
        {
            case "peer_vanished":
                device.HalfClose();
                break;
            case "peer_reset":
                device.Reset();
                return 1;
            case "replaced":
                using (RawConnection newer = await RawConnection.OpenDeviceAsync(port, "counted"))
                {
                    await newer.SendAsync(ClientFrame.Close(1000));
                    await newer.ReadToEndAsync();
                    Assert.NotNull(await device.ReadFrameAsync(RawFrame.Close));
                    await device.SendAsync(ClientFrame.Close(1000));
                    await device.ReadToEndAsync();
                    return 2;
                }

            default:
                await device.SendAsync(reason switch
                {
                    "protocol_violation" => ClientFrame.Build(3, []),
                    "invalid_text" => ClientFrame.Build(RawFrame.Text, [0xFF]),
                    "message_too_big" => ClientFrame.Header(RawFrame.Text, 1024 * 1024),
                    _ => ClientFrame.Close(1000),
                });
                break;
        }

        await device.ReadToEndAsync();
        return 1;
    }
}
