using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Cluster;

/// <content>The view over the cluster: where OTA sends devices, and the drain of a node.</content>
public sealed partial class ClusterTests
{
    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task OTA_of_every_node_names_the_node_of_a_device_until_that_node_is_drained()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(cluster.Second, "steered");
        await device.HelloAsync();
        await ClaimedAsync(cluster.Second, "steered");
        await NamedAsync("steered", "second");
        using AdminClient admin = new(cluster.First);
        JsonNode explanation = await admin.GetAsync("/api/v1/explain?device=STEERED");
        Assert.Equal(("connected", "second"), ((string?)explanation["verdict"], (string?)explanation["node"]));
        await Eventually.TrueAsync(async () => (int)(await admin.GetAsync("/api/v1/nodes"))["devices"]! > 0);

        Assert.Equal(HttpStatusCode.Accepted, await ActAsync(HttpMethod.Post, "/api/v1/nodes/second/drain", """{"rate":100}"""));
        try
        {
            // The device restarts and asks OTA again.
            Assert.EndsWith("{\"type\":\"system\",\"command\":\"reboot\"}\n1012", await EndOfAsync(device), StringComparison.Ordinal);
            await NamedAsync("steered", "first");
            using HttpClient http = new();
            using HttpResponseMessage ready = await http.GetAsync(cluster.Second.HttpUri("/health/ready"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }
        finally
        {
            Assert.Equal(HttpStatusCode.OK, await ActAsync(HttpMethod.Delete, "/api/v1/nodes/second/drain"));
        }

        await using DeviceClient again = await DeviceClient.ConnectAsync(cluster.Second, "steered");
        await again.HelloAsync();
        Assert.Equal(HttpStatusCode.NotFound, await ActAsync(HttpMethod.Post, "/api/v1/nodes/third/drain", "{}"));
    }

    /// <summary>Waits until the OTA of both nodes names this one: the load of a server that starts is high.</summary>
    private async Task NamedAsync(string device, string node)
    {
        using HttpClient http = new();
        foreach (GatewayProcess gateway in (GatewayProcess[])[cluster.First, cluster.Second])
        {
            await Eventually.TrueAsync(async () =>
            {
                using HttpRequestMessage boot = new(HttpMethod.Post, gateway.HttpUri("/xiaozhi/ota/")) { Content = new StringContent("{}") };
                boot.Headers.Add("Device-Id", device);
                boot.Headers.Add("Client-Id", "client");
                using HttpResponseMessage reply = await http.SendAsync(boot);
                return (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["websocket"]!["url"] == ClusterFixture.UrlOf(node);
            });
        }
    }

    /// <summary>Asks the first node.</summary>
    private async Task<HttpStatusCode> ActAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(method, cluster.First.AdminUri(path));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
