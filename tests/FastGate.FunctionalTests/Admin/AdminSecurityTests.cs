using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Admin;

/// <summary>Who may do what: the rules of every route of the admin API, found through its document.</summary>
public sealed class AdminSecurityTests
{
    private const string DeviceId = "aa:bb:cc:dd:ee:ff";
    private const string Operate = "token-of-the-operator";
    private const string View = "token-of-the-viewer";

    [Fact]
    public async Task Each_route_serves_its_role_only()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Admin:Token={Operate}", $"--FastGate:Admin:ViewToken={View}");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, DeviceId);
        await device.HelloAsync();
        ApiDocument document = await ApiDocument.ReadAsync(gateway, View);
        using ApiClient client = new(gateway, document);
        Assert.Contains(document.Operations, static operation => operation is { Role: "operate", Method: "GET" });
        foreach (ApiOperation operation in document.Operations)
        {
            string path = operation.Path(operation.IsOfDevice ? DeviceId : "1");
            Assert.Equal((operation, HttpStatusCode.Unauthorized), (operation, await client.SendAsync(operation, null, path)));
            Assert.Equal((operation, HttpStatusCode.Unauthorized), (operation, await client.SendAsync(operation, View + "s", path)));
            Assert.Equal((operation, HttpStatusCode.Unauthorized), (operation, await client.SendAsync(operation, null, path, null, ("Authorization", $"Basic {Operate}"))));
            HttpStatusCode viewed = await client.SendAsync(operation, View, path);
            Assert.Equal((operation, operation.Role == "operate"), (operation, viewed == HttpStatusCode.Forbidden));
            Assert.NotEqual((operation, HttpStatusCode.Unauthorized), (operation, viewed));
        }

        // Nothing was done: the device is there, no act is recorded, and the operator may act.
        await device.PingAsync();
        Assert.Equal(HttpStatusCode.OK, await client.SendAsync(document["audit"], Operate, "/api/v1/audit"));
        Assert.EndsWith("""{"total":0,"acts":[]}""", client.Seen.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await client.SendAsync(document["device.kick"], Operate, document["device.kick"].Path(DeviceId)));
    }

    [Fact]
    public async Task Without_a_token_each_route_refuses_other_hosts_and_pages_of_other_origins()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, DeviceId);
        await device.HelloAsync();
        ApiDocument document = await ApiDocument.ReadAsync(gateway, null);
        using ApiClient client = new(gateway, document);
        foreach (ApiOperation operation in document.Operations)
        {
            string path = operation.Path(operation.IsOfDevice ? DeviceId : "1");
            foreach ((string, string) header in ((string, string)[])[("Host", "rebound.example"), ("Origin", "http://other.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")])
            {
                Assert.Equal((operation, header, HttpStatusCode.Forbidden), (operation, header, await client.SendAsync(operation, null, path, null, header)));
            }
        }

        await device.PingAsync();
        using AdminClient admin = new(gateway);
        Assert.Equal(0, (int)(await admin.GetAsync("/api/v1/audit"))["total"]!);
    }
}
