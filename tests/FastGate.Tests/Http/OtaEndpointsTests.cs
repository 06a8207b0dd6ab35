using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Http;

/// <summary>The request that a device makes at boot, against a real server.</summary>
public sealed partial class OtaEndpointsTests
{
    private const string Body = """{"version":2,"flash_size":16777216,"mac_address":"94:a9:90:2b:de:38","application":{"name":"xiaozhi","version":"1.9.4","idf":{"version":"5"}},"board":{"type":"x"}}""";

    [Theory]
    [InlineData("/xiaozhi/ota/")]
    [InlineData("/xiaozhi/ota")]
    public async Task Device_receives_the_compact_reply_with_its_properties_in_order(string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await PostAsync(server, Body, path);

        string json = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Matches(Exactly(), json);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Encoding.UTF8.GetByteCount(json), response.Content.Headers.ContentLength);
        Assert.NotEqual(true, response.Headers.TransferEncodingChunked);
        Assert.DoesNotContain("mqtt", json, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Server_time_and_token_are_correct()
    {
        await using var server = new HttpTestServer();
        server.Configuration["Auth:Enabled"] = "true";
        server.Configuration["Auth:Key"] = "fleet-key";
        server.Configuration["Auth:AllowedDevices:0"] = "allowed";
        server.Configuration["Http:TimezoneOffset"] = "08:00:00";
        await server.StartAsync();
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMilliseconds(-1);

        JsonElement reply = await ReplyAsync(await PostAsync(server, Body));

        JsonElement time = reply.GetProperty("server_time");
        Assert.InRange(time.GetProperty("timestamp").GetInt64(), before.ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal(480, time.GetProperty("timezone_offset").GetInt32());
        Assert.Matches("^[A-Za-z0-9_-]{43}\\.[0-9]{10}$", Token(reply));
        Assert.Equal("", Token(await ReplyAsync(await PostAsync(server, Body, device: "ALLOWED"))));
    }

    [Theory]
    [InlineData(null, "c")]
    [InlineData("d", null)]
    [InlineData("", "c")]
    [InlineData("\"\"", "c")]
    public async Task Request_without_ids_receives_an_error_with_status_200(string? device, string? client)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await PostAsync(server, Body, device: device, client: client);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"success":false,"message":"request error."}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("", "0.0.0")]
    [InlineData("not json", "0.0.0")]
    [InlineData("[]", "0.0.0")]
    [InlineData("{\"application\":5}", "0.0.0")]
    [InlineData("{\"application\":{\"version\":5}}", "0.0.0")]
    [InlineData("{\"application\":{\"version\":\"\"}}", "0.0.0")]
    [InlineData("{\"application\":{\"version\":\"1.x\"}}", "0.0.0")]
    [InlineData("{\"application\":{\"version\":\"1..2\"}}", "0.0.0")]
    [InlineData("{\"application\":{\"version\":\"1.0\\u0000\"}}", "0.0.0")]
    [InlineData("{\"application\":{\"version\":\"1111111111.1111111111.1111111111.1\"}}", "0.0.0")]
    [InlineData("{\"version\":\"9\",\"a\":{\"version\":\"8\"},\"application\":{\"x\":[1,{}],\"version\":\"1.8.5-rc1\"}}", "1.8.5-rc1")]
    [InlineData("{\"application\":{\"version\":\"2.2.6\"}", "2.2.6")]
    public async Task Version_is_echoed_so_that_nothing_is_upgraded(string body, string version)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        JsonElement firmware = (await ReplyAsync(await PostAsync(server, body))).GetProperty("firmware");

        Assert.Equal(version, firmware.GetProperty("version").GetString());
        Assert.Equal("", firmware.GetProperty("url").GetString());
    }

    [Theory]
    [InlineData("gateway.example:8003", "ws://gateway.example:8000/xiaozhi/v1/")]
    [InlineData("192.168.1.25", "ws://192.168.1.25:8000/xiaozhi/v1/")]
    [InlineData("[2001:db8::1]:8003", "ws://[2001:db8::1]:8000/xiaozhi/v1/")]
    [InlineData("a_b.local:80", "ws://a_b.local:8000/xiaozhi/v1/")]
    public async Task Address_contains_the_host_that_the_device_used(string host, string url)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        Assert.Equal(url, await UrlAsync(server, $"Host: {host}\r\n"));
    }

    [Theory]
    [InlineData("voice.example.org:8003", "ws://voice.example.org:8000/xiaozhi/v1/")]
    [InlineData("VOICE.example.org", "ws://voice.example.org:8000/xiaozhi/v1/")]
    [InlineData("[2001:db8::1]", "ws://[2001:db8::1]:8000/xiaozhi/v1/")]
    [InlineData("attacker.example", "ws://127.0.0.1:8000/xiaozhi/v1/")]
    [InlineData("voice.example.org.attacker.example", "ws://127.0.0.1:8000/xiaozhi/v1/")]
    public async Task Address_contains_only_a_public_host_when_some_are_configured(string host, string url)
    {
        await using var server = new HttpTestServer();
        server.Configuration["Http:PublicHosts:0"] = "voice.example.org";
        server.Configuration["Http:PublicHosts:1"] = "2001:db8::1";
        await server.StartAsync();

        Assert.Equal(url, await UrlAsync(server, $"Host: {host}\r\n"), ignoreCase: true);
    }

    [Fact]
    public async Task Address_contains_the_local_address_when_the_host_is_unusable()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        Assert.Equal("ws://127.0.0.1:8000/xiaozhi/v1/", await UrlAsync(server, "", "HTTP/1.0"));
    }

    [Fact]
    public async Task Configured_address_is_returned_unchanged()
    {
        await using var server = new HttpTestServer();
        server.Configuration["Http:WebSocketUrl"] = "wss://fleet.example/ws/?a=1&b=2";
        await server.StartAsync();

        Assert.Equal(
            "wss://fleet.example/ws/?a=1&b=2", (await ReplyAsync(await PostAsync(server, Body))).GetProperty("websocket").GetProperty("url").GetString());
        Assert.Contains("\"wss://fleet.example/ws/?a=1&b=2\"", await (await PostAsync(server, Body)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_of_a_cluster_is_named_to_the_device_that_belongs_there()
    {
        await using HttpTestServer server = await new HttpTestServer
        {
            Place = static id => Task.FromResult(id == "aa:bb" ? "ws://other.example:8000/xiaozhi/v1/" : null),
        }.StartAsync();

        Assert.Equal("ws://other.example:8000/xiaozhi/v1/", await AddressAsync("AA:BB"));
        Assert.Equal("ws://127.0.0.1:8000/xiaozhi/v1/", await AddressAsync("aa:cc"));
        Assert.Equal("ws://127.0.0.1:8000/xiaozhi/v1/", await AddressAsync(new string('a', 200)));

        async Task<string?> AddressAsync(string device) =>
            (await ReplyAsync(await PostAsync(server, Body, device: device))).GetProperty("websocket").GetProperty("url").GetString();
    }

    [Theory]
    [InlineData("/xiaozhi/ota/")]
    [InlineData("/xiaozhi/ota")]
    public async Task Get_returns_a_line_of_text_with_the_address(string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await server.Public.GetAsync(new Uri(path, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("OTA", text, StringComparison.Ordinal);
        Assert.EndsWith(" ws://127.0.0.1:8000/xiaozhi/v1/\n", text, StringComparison.Ordinal);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("not json", "94:a9:90:2b:de:38", "c", "OTA request of 94:a9:90:2b:de:38 from 127.0.0.1: the body of 8 bytes is not JSON")]
    [InlineData("{}", null, "c", "OTA request of an unknown device from 127.0.0.1: refused without a device id")]
    [InlineData("{}", "d", null, "OTA request of d from 127.0.0.1: refused without a client id")]
    [InlineData("{}", "d", "c", null)]
    [InlineData("", "d", "c", null)]
    public async Task A_request_that_fails_leaves_a_line(string body, string? device, string? client, string? line)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await PostAsync(server, body, device: device, client: client);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string[] lines = [.. server.Log.WithId(7206)];
        Assert.Equal(line is null ? 0 : 1, lines.Length);
        Assert.All(lines, text => Assert.StartsWith(line!, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Browser_may_send_requests_from_any_origin()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/xiaozhi/ota/");
        preflight.Headers.Add("Origin", "https://page.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");

        using HttpResponseMessage answer = await server.Public.SendAsync(preflight);
        using HttpResponseMessage reply = await PostAsync(server, Body);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        foreach (HttpResponseMessage response in new[] { answer, reply })
        {
            Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Equal("GET, POST, OPTIONS", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")));
            Assert.Equal("client-id, content-type, device-id, authorization", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        }
    }

    [Fact]
    public async Task Body_above_the_limit_is_rejected()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage largest = await PostAsync(server, new string(' ', 64 * 1024));
        using HttpResponseMessage declared = await PostAsync(server, new string(' ', (64 * 1024) + 1));
        using HttpResponseMessage chunked = await PostAsync(server, new string(' ', 70_000), isChunked: true);

        Assert.Equal(HttpStatusCode.OK, largest.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, declared.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
    }

    [Fact]
    public async Task Language_of_a_request_is_kept_for_the_normalised_id()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage english = await PostAsync(server, Body, device: "AA:BB", language: "en-US");
        using HttpResponseMessage chinese = await PostAsync(server, Body, device: "aa:cc", language: "zh-CN");
        using HttpResponseMessage without = await PostAsync(server, Body, device: "aa:bb");
        using HttpResponseMessage unnamed = await PostAsync(server, Body, device: "aa:dd", client: null, language: "en-US");

        Assert.Equal(SessionLanguage.En, server.Languages.Find("aa:bb"));
        Assert.Equal(SessionLanguage.Zh, server.Languages.Find("aa:cc"));
        Assert.Equal(SessionLanguage.Auto, server.Languages.Find("aa:dd"));
    }

    private static async Task<HttpResponseMessage> PostAsync(
        HttpTestServer server,
        string body,
        string path = "/xiaozhi/ota/",
        string? device = "94:a9:90:2b:de:38",
        string? client = "c",
        bool isChunked = false,
        string? language = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Headers.TransferEncodingChunked = isChunked;
        if (device is not null)
        {
            request.Headers.TryAddWithoutValidation("Device-Id", device);
        }

        if (client is not null)
        {
            request.Headers.TryAddWithoutValidation("Client-Id", client);
        }

        if (language is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Language", language);
        }

        return await server.Public.SendAsync(request);
    }

    /// <summary>By hand, because a client library writes the Host it pleases.</summary>
    private static async Task<string?> UrlAsync(HttpTestServer server, string headers, string version = "HTTP/1.1")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.EndPointOf("http"));
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /xiaozhi/ota/ {version}\r\n{headers}device-id: d\r\nclient-id: c\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        string reply = await reader.ReadToEndAsync();
        return JsonDocument.Parse(reply[reply.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("websocket").GetProperty("url").GetString();
    }

    private static async Task<JsonElement> ReplyAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static string Token(JsonElement reply) => reply.GetProperty("websocket").GetProperty("token").GetString()!;

    [GeneratedRegex("""^\{"server_time":\{"timestamp":\d{13},"timezone_offset":-?\d+\},"firmware":\{"version":"1\.9\.4","url":""\},"websocket":\{"url":"ws://127\.0\.0\.1:8000/xiaozhi/v1/","token":""\}\}$""")]
    private static partial Regex Exactly();
}
