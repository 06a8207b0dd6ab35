using System.Net;
using System.Text;
using System.Text.Json;
using FastGate.Http.Ota;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Http;

/// <summary>Which device gets a token by OTA, and how an operator lets one in.</summary>
public sealed class OtaAccessTests
{
    private const string Token = "^[A-Za-z0-9_-]{43}\\.[0-9]{10}$";

    [Fact]
    public async Task Open_gives_a_token_to_every_device_and_knows_its_first_client_from_then_on()
    {
        await using HttpTestServer server = await StartAsync("Open");

        Assert.Matches(Token, TokenOf(await OtaAsync(server, "aa:bb", "first")));
        Assert.Matches(Token, TokenOf(await OtaAsync(server, "aa:bb", "second")));

        Assert.True(server.Fleet.Known.IsKnown("aa:bb", "first"));
        Assert.False(server.Fleet.Known.IsKnown("aa:bb", "second"));
    }

    [Fact]
    public async Task Known_gives_a_token_only_to_a_known_device_with_its_client()
    {
        await using HttpTestServer server = await StartAsync("Known");
        server.Fleet.Known.Remember("aa:bb", "first");

        Assert.Matches(Token, TokenOf(await OtaAsync(server, "AA:BB", "first")));
        Assert.Equal("", TokenOf(await OtaAsync(server, "aa:bb", "second")));
        JsonElement unknown = await OtaAsync(server, "aa:cc", "first");
        Assert.Equal("", TokenOf(unknown));
        Assert.False(unknown.TryGetProperty("activation", out _));
        Assert.Equal(2, server.Log.WithId(7206).Count(static line => line.Contains("not known with this client id", StringComparison.Ordinal)));
        Assert.False(server.Fleet.Known.IsKnown("aa:cc", "first"));
    }

    [Theory]
    [InlineData("Known")]
    [InlineData("Activate")]
    public async Task Allowed_device_needs_no_token(string mode)
    {
        await using HttpTestServer server = await StartAsync(mode);
        JsonElement reply = await OtaAsync(server, "ALLOWED", "any");
        Assert.Equal("", TokenOf(reply));
        Assert.False(reply.TryGetProperty("activation", out _));
        Assert.Equal(HttpStatusCode.OK, await PollAsync(server, "allowed", "any"));
    }

    [Fact]
    public async Task Device_gets_its_token_after_an_operator_has_confirmed_its_code()
    {
        await using HttpTestServer server = await StartAsync("Activate");
        JsonElement reply = await OtaAsync(server, "aa:bb", "client");
        JsonElement activation = reply.GetProperty("activation");
        string code = activation.GetProperty("code").GetString()!;
        Assert.Equal("", TokenOf(reply));
        Assert.Matches("^[0-9]{6}$", code);
        Assert.EndsWith($"\n{code}", activation.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}$", activation.GetProperty("challenge").GetString());
        Assert.Equal(30_000, activation.GetProperty("timeout_ms").GetInt32());
        Assert.Equal(HttpStatusCode.Accepted, await PollAsync(server, "aa:bb", "client"));
        Assert.Equal(code, (await OtaAsync(server, "aa:bb", "client")).GetProperty("activation").GetProperty("code").GetString());

        // The list has the device and not its code, which the operator must have from the device.
        string list = await server.Admin.GetStringAsync(new Uri("/api/v1/activations", UriKind.Relative));
        Assert.Contains("\"deviceId\":\"aa:bb\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(code, list, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, ""), await ConfirmAsync(server, code == "000000" ? "000001" : "000000"));
        Assert.Equal((HttpStatusCode.BadRequest, ""), await ConfirmAsync(server, "12345"));
        Assert.Equal((HttpStatusCode.OK, "aa:bb"), await ConfirmAsync(server, code));

        Assert.Equal(HttpStatusCode.OK, await PollAsync(server, "aa:bb", "client"));
        Assert.Matches(Token, TokenOf(await OtaAsync(server, "aa:bb", "client")));
        Assert.Equal("", TokenOf(await OtaAsync(server, "aa:bb", "other")));
        Assert.Equal((HttpStatusCode.NotFound, ""), await ConfirmAsync(server, code));
    }

    [Fact]
    public async Task Code_ends_and_the_device_gets_another_one()
    {
        var time = new ManualTimeProvider();
        await using HttpTestServer server = await StartAsync("Activate", time);
        string code = (await OtaAsync(server, "aa:bb", "client")).GetProperty("activation").GetProperty("code").GetString()!;

        time.Turn(Activations.Lifetime);

        Assert.Equal(HttpStatusCode.NotFound, await PollAsync(server, "aa:bb", "client"));
        Assert.Equal((HttpStatusCode.NotFound, ""), await ConfirmAsync(server, code));
        Assert.True((await OtaAsync(server, "aa:bb", "client")).TryGetProperty("activation", out _));
    }

    private static async Task<HttpTestServer> StartAsync(string mode, ManualTimeProvider? time = null)
    {
        var server = new HttpTestServer { Time = time ?? TimeProvider.System };
        server.Configuration["Auth:Enabled"] = "true";
        server.Configuration["Auth:Key"] = "fleet-key";
        server.Configuration["Auth:Ota"] = mode;
        server.Configuration["Auth:AllowedDevices:0"] = "allowed";
        return await server.StartAsync();
    }

    private static async Task<JsonElement> OtaAsync(HttpTestServer server, string device, string client)
    {
        using HttpResponseMessage response = await PostAsync(server, "/xiaozhi/ota/", device, client);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    private static async Task<HttpStatusCode> PollAsync(HttpTestServer server, string device, string client)
    {
        using HttpResponseMessage response = await PostAsync(server, "/xiaozhi/ota/activate", device, client);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpTestServer server, string path, string device, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Device-Id", device);
        request.Headers.Add("Client-Id", client);
        return await server.Public.SendAsync(request);
    }

    private static async Task<(HttpStatusCode Status, string Device)> ConfirmAsync(HttpTestServer server, string code)
    {
        using var content = new StringContent($$"""{"code":"{{code}}"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await server.Admin.PostAsync(new Uri("/api/v1/activations", UriKind.Relative), content);
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        return (response.StatusCode, answer.TryGetProperty("deviceId", out JsonElement device) ? device.GetString()! : "");
    }

    private static string TokenOf(JsonElement reply) => reply.GetProperty("websocket").GetProperty("token").GetString()!;
}
