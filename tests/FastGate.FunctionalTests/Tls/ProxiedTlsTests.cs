using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Tls;

/// <summary>A PROXY header of HAProxy before TLS and before plain requests, on each listener.</summary>
public sealed class ProxiedTlsTests(ProxiedTlsFixture fixture) : IClassFixture<ProxiedTlsFixture>
{
    /// <summary>Where the tests' clients connect from, to tell their address from the proxy's.</summary>
    private static readonly IPAddress s_source = IPAddress.Parse("127.0.0.77");

    [Theory]
    [InlineData("send-proxy", "ws")]
    [InlineData("send-proxy", "wss")]
    [InlineData("send-proxy-v2", "ws")]
    [InlineData("send-proxy-v2", "wss")]
    public async Task A_device_talks_and_its_address_arrives(string version, string scheme)
    {
        using HttpMessageInvoker from = BoundClient.Create(s_source, fixture.Certificate.Thumbprint);
        string id = $"{version}-{scheme}";
        await using DeviceClient device = await DeviceClient.ConnectAsync(
            new Uri($"{scheme}://127.0.0.1:{fixture.PortOf("devices", version)}/xiaozhi/v1/"), options => options.SetRequestHeader("Device-Id", id), from);
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        JsonObject seen = Assert.Single(await fixture.Admin.DevicesAsync(), one => (string?)one["deviceId"] == id);
        Assert.StartsWith($"{s_source}:", (string?)seen["remoteAddress"], StringComparison.Ordinal);
        await device.CloseAsync();
    }

    [Theory]
    [InlineData("http", "send-proxy", "http")]
    [InlineData("http", "send-proxy", "https")]
    [InlineData("http", "send-proxy-v2", "http")]
    [InlineData("http", "send-proxy-v2", "https")]
    [InlineData("admin", "send-proxy", "http")]
    [InlineData("admin", "send-proxy-v2", "http")]
    public async Task A_request_has_the_address_of_its_client(string listener, string version, string scheme)
    {
        using HttpMessageInvoker from = BoundClient.Create(s_source, fixture.Certificate.Thumbprint);
        string path = $"/absent-{listener}-{version}-{scheme}";

        // The headers of the client are not the proxy's.
        using HttpRequestMessage request = new(HttpMethod.Get, $"{scheme}://127.0.0.1:{fixture.PortOf(listener, version)}{path}");
        request.Headers.Add("X-Forwarded-For", "198.51.100.1");
        using HttpResponseMessage reply = await from.SendAsync(request, CancellationToken.None).WaitAsync(Deadline.Hang);

        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        Assert.Contains($"\"{s_source}:", await RecordAsync(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("admin")]
    public async Task The_header_of_a_peer_that_is_no_proxy_ends_its_connection(string listener)
    {
        int port = listener == "http" ? fixture.Gateway.HttpPort : fixture.Gateway.AdminUri("/").Port;
        using RawConnection forged = await RawConnection.OpenAsync(port, from: s_source);
        await forged.SendAsync("PROXY TCP4 198.51.100.1 198.51.100.2 4711 443\r\nGET / HTTP/1.1\r\nHost: gate\r\n\r\n");

        Assert.Equal(400, (await forged.ReadReplyAsync()).Status);
        Assert.Contains($"\"{s_source}:", await RecordAsync($"PROXY version 1, at the {listener} listener"), StringComparison.Ordinal);
    }

    /// <summary>The record that contains the text.</summary>
    private async Task<string> RecordAsync(string text) => (await Eventually.ValueAsync(() => FindAsync(text), static record => record is not null))!;

    private async Task<string?> FindAsync(string text)
    {
        JsonNode page = await fixture.Admin.GetAsync("/api/v1/records?limit=1000");
        return page["records"]!.AsArray().Select(static one => one!.ToJsonString()).FirstOrDefault(one => one.Contains(text, StringComparison.Ordinal));
    }
}
