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
    public async Task Devices_of_a_drained_node_are_sent_to_the_other_one_and_are_found_there_from_every_node()
    {
        string[] ids = [.. Enumerable.Range(1, 5).Select(static number => $"steered-{number}")];
        List<DeviceClient> devices = [];
        using AdminClient admin = new(cluster.First);
        try
        {
            foreach (string id in ids)
            {
                devices.Add(await ConnectAsync(cluster.Second, id));
            }

            await NamedAsync(ids[0], "second");
            Assert.Equal(ids.Select(static id => (id, "second")), await ListAsync(cluster.First));
            JsonNode explanation = await admin.GetAsync("/api/v1/explain?device=STEERED-1");
            Assert.Equal(("connected", "second"), ((string?)explanation["verdict"], (string?)explanation["node"]));
            Assert.Equal("second", (string?)(await admin.GetAsync("/api/v1/devices/steered-1"))["node"]);
            await Eventually.TrueAsync(async () => (int)(await admin.GetAsync("/api/v1/nodes"))["devices"]! >= ids.Length);

            Assert.Equal(HttpStatusCode.Accepted, await ActAsync(HttpMethod.Post, "/api/v1/nodes/second/drain", """{"rate":50}"""));
            try
            {
                foreach (DeviceClient device in devices)
                {
                    // The device restarts and asks OTA again.
                    Assert.EndsWith("{\"type\":\"system\",\"command\":\"reboot\"}\n1012", await EndOfAsync(device), StringComparison.Ordinal);
                }

                using HttpClient http = new();
                using HttpResponseMessage ready = await http.GetAsync(cluster.Second.HttpUri("/health/ready"));
                Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
                Assert.Contains("draining", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                foreach (string id in ids)
                {
                    await NamedAsync(id, "first");
                    devices.Add(await ConnectAsync(cluster.First, id));
                }

                Assert.Equal(ids.Select(static id => (id, "first")), await ListAsync(cluster.Second));
            }
            finally
            {
                Assert.Equal(HttpStatusCode.OK, await ActAsync(HttpMethod.Delete, "/api/v1/nodes/second/drain"));
            }
        }
        finally
        {
            foreach (DeviceClient device in devices)
            {
                await device.DisposeAsync();
            }
        }

        await using DeviceClient again = await DeviceClient.ConnectAsync(cluster.Second, ids[0]);
        await again.HelloAsync();
        Assert.Equal(HttpStatusCode.NotFound, await ActAsync(HttpMethod.Post, "/api/v1/nodes/third/drain", "{}"));
    }

    /// <summary>The devices of this test on all nodes, in pages of two.</summary>
    private static async Task<IReadOnlyList<(string Device, string Node)>> ListAsync(GatewayProcess asked)
    {
        using AdminClient admin = new(asked);
        List<(string, string)> devices = [];
        string? after = null;
        do
        {
            JsonNode page = await admin.GetAsync($"/api/v1/devices?cluster=true&prefix=steered&limit=2&after={after}");
            devices.AddRange(page["devices"]!.AsArray().Select(static device => ((string)device!["deviceId"]!, (string)device["node"]!)));
            after = (string?)page["next"];
        }
        while (after is not null);
        return devices;
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
