using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>The published HAProxy configuration of a cluster in the real program, with one of the three gateways missing.</summary>
public sealed class ClusterBalancerTests : GatewayFixture, IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-balancer-").FullName;

    Task IAsyncLifetime.InitializeAsync() => InitializeAsync();

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Devices_and_requests_get_another_gateway_when_one_does_not_accept()
    {
        (int devices, int http) = (FreePort.Next(), FreePort.Next());
        List<(string, string)> changes =
        [
            ("bind :8000", $"bind 127.0.0.1:{devices}"), ("bind :8003", $"bind 127.0.0.1:{http}"), ("maxconn 120000", "maxconn 200"),
            ("gw1:8000", "127.0.0.1:1"), ("gw1:8003", "127.0.0.1:1"), ("port 8003", $"port {Gateway.HttpPort}"),
            .. ((string[])["gw2", "gw3"]).SelectMany(name => ((string, string)[])[($"{name}:8000", $"127.0.0.1:{Gateway.DevicePort}"), ($"{name}:8003", $"127.0.0.1:{Gateway.HttpPort}")]),
        ];
        string file = Path.Combine(_directory, "haproxy.cfg");
        await File.WriteAllTextAsync(file, DeployFiles.Read("cluster/haproxy.cfg", [.. changes]));
        await using ForeignServer haproxy = await ForeignServer.StartAsync("haproxy", devices, _directory, "-db", "-f", file);

        // The check of the first one asks the gateway, so that it counts as up: the refused connect alone sends a device to another one.
        for (int number = 0; number < 3; number++)
        {
            await using DeviceClient device = await DeviceClient.ConnectAsync(new Uri($"ws://127.0.0.1:{devices}/xiaozhi/v1/"), options => options.SetRequestHeader("Device-Id", $"left-{number}"));
            await device.HelloAsync();
            await device.SayAsync("在吗？");
        }

        using HttpClient client = new();
        using HttpResponseMessage reply = await client.GetAsync(new Uri($"http://127.0.0.1:{http}/health/ready"));
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }
}
