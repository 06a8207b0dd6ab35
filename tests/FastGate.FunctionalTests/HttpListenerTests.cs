using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The endpoints of the public HTTP listener: OTA and health.</summary>
public sealed class HttpListenerTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>, IDisposable
{
    private readonly HttpClient _http = new() { Timeout = Deadline.Hang };

    [Fact]
    public async Task Ota_returns_the_device_url_and_no_mqtt()
    {
        using HttpRequestMessage request = OtaRequest("94:a9:90:00:00:01", "client");
        using HttpResponseMessage reply = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("*", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        JsonObject answer = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!.AsObject();
        Assert.Equal($"ws://127.0.0.1:{fixture.Gateway.DevicePort}/xiaozhi/v1/", (string?)answer["websocket"]!["url"]);
        Assert.Equal("", (string?)answer["websocket"]!["token"]);
        Assert.False(answer.ContainsKey("mqtt"));
        Assert.True((long?)answer["server_time"]!["timestamp"] > 1_700_000_000_000);
        Assert.NotNull((int?)answer["server_time"]!["timezone_offset"]);
        Assert.Equal("1.7.6", (string?)answer["firmware"]!["version"]);
        Assert.Equal("", (string?)answer["firmware"]!["url"]);

        await using DeviceClient device = await DeviceClient.ConnectAsync(new Uri((string)answer["websocket"]!["url"]!));
        await device.HelloAsync();
        device.Drop();
    }

    [Theory]
    [InlineData(null, "client")]
    [InlineData("device", null)]
    public async Task Ota_without_ids_returns_200_with_an_error(string? device, string? client)
    {
        using HttpRequestMessage request = OtaRequest(device, client);
        using HttpResponseMessage reply = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        JsonNode answer = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!;
        Assert.False((bool?)answer["success"]);
        Assert.Equal("request error.", (string?)answer["message"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[1,2")]
    [InlineData("{\"application\":7}")]
    public async Task Ota_accepts_any_body(string body)
    {
        using HttpRequestMessage request = OtaRequest("device", "client");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage reply = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.NotNull(JsonNode.Parse(await reply.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Ota_shows_the_device_url_in_a_browser()
    {
        using HttpResponseMessage reply = await _http.GetAsync(fixture.Gateway.HttpUri("/xiaozhi/ota/"));
        Assert.Equal("text/plain", reply.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"ws://127.0.0.1:{fixture.Gateway.DevicePort}/xiaozhi/v1/", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ota_answers_a_cors_preflight()
    {
        using HttpRequestMessage request = new(HttpMethod.Options, fixture.Gateway.HttpUri("/xiaozhi/ota/"));
        using HttpResponseMessage reply = await _http.SendAsync(request);
        Assert.True(reply.IsSuccessStatusCode);
        string headers = string.Join(',', reply.Headers.GetValues("Access-Control-Allow-Headers"));
        foreach (string name in (string[])["client-id", "content-type", "device-id", "authorization"])
        {
            Assert.Contains(name, headers, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("POST", string.Join(',', reply.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_endpoints_return_200(string path)
    {
        using HttpResponseMessage reply = await _http.GetAsync(fixture.Gateway.HttpUri(path));
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/api/v1/status")]
    [InlineData("/api/v1/devices")]
    public async Task Public_listener_does_not_serve_admin_paths(string path)
    {
        using HttpResponseMessage reply = await _http.GetAsync(fixture.Gateway.HttpUri(path));
        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage OtaRequest(string? device, string? client)
    {
        HttpRequestMessage request = new(HttpMethod.Post, fixture.Gateway.HttpUri("/xiaozhi/ota/"))
        {
            Content = new StringContent(
                """{"version":2,"mac_address":"94:a9:90:00:00:01","application":{"name":"xiaozhi","version":"1.7.6"},"board":{"type":"bread-compact-wifi"}}""",
                Encoding.UTF8,
                "application/json"),
        };
        if (device is not null)
        {
            request.Headers.Add("Device-Id", device);
        }

        if (client is not null)
        {
            request.Headers.Add("Client-Id", client);
        }

        return request;
    }
}
