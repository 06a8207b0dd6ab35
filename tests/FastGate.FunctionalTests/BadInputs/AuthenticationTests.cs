using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Valid and invalid tokens; an invalid token gets 401 before the upgrade.</summary>
public sealed class AuthenticationTests(AuthenticatingGateway fixture) : IClassFixture<AuthenticatingGateway>
{
    private const string Device = "94:A9:90:00:00:0A";
    private const string Client = "7A1C0F7E-3B52-4C1F-9D0E-5F2B8A6C4D10";

    private static int s_rows;

    public static TheoryData<string, string?, int> Tokens
    {
        get
        {
            long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            string good = Sign(Client, Device, now);
            return new TheoryData<string, string?, int>
            {
                { "signed over the ids as sent", "Bearer " + good, 101 },
                { "replayed", "Bearer " + good, 101 },
                { "signed over the ids in lower case", "Bearer " + Sign(Client.ToLowerInvariant(), Device.ToLowerInvariant(), now), 101 },
                { "from the future", "Bearer " + Sign(Client, Device, now + 86_400), 101 },
                { "static", "Bearer static-token", 101 },
                { "none", null, 401 },
                { "empty", "Bearer ", 401 },
                { "another scheme", "Basic " + good, 401 },
                { "no scheme", good, 401 },
                { "two spaces", "Bearer  " + good, 401 },
                { "of another device", "Bearer " + Sign(Client, "94:a9:90:00:00:0b", now), 401 },
                { "of another client", "Bearer " + Sign("other", Device, now), 401 },
                { "too old", "Bearer " + Sign(Client, Device, now - (31L * 86_400)), 401 },
                { "another time than signed", "Bearer " + good.Split('.')[0] + "." + (now + 1).ToString(CultureInfo.InvariantCulture), 401 },
                { "time that overflows", "Bearer " + good.Split('.')[0] + ".99999999999999999999999999", 401 },
                { "negative time", "Bearer " + Sign(Client, Device, -1), 401 },
                { "no dot", "Bearer " + good.Replace(".", "", StringComparison.Ordinal), 401 },
                { "two dots", "Bearer " + good + ".1", 401 },
                { "only a dot", "Bearer .", 401 },
                { "cut", "Bearer " + good[..^12], 401 },
                { "padding", "Bearer " + good.Replace(".", "=.", StringComparison.Ordinal), 401 },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Tokens), DisableDiscoveryEnumeration = true)]
    public async Task Token_is_checked(string what, string? authorization, int status)
    {
        Assert.NotEqual("", what);

        // Each row from an address of its own: the server delays an address that sends wrong tokens.
        var from = new IPAddress([127, 0, 1, (byte)(1 + (Interlocked.Increment(ref s_rows) % 250))]);
        using (RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort, from: from))
        {
            string ids = $"Device-Id: {Device}\r\nClient-Id: {Client}";
            await device.SendAsync(UpgradeRequest.Replacing(
                "Device-Id", authorization is null ? ids : $"{ids}\r\nAuthorization: {authorization}"));
            HttpReply reply = await device.ReadReplyAsync();
            Assert.Equal(status, reply.Status);
            if (status == 401)
            {
                await device.ReadToEndAsync();
                JsonObject last = (await fixture.Admin.HandshakesAsync())[0];
                Assert.Equal(401, (int?)last["status"]);
                Assert.NotNull((string?)last["auth"]);
                Assert.DoesNotContain(authorization is { Length: > 20 } ? authorization[10..] : "Bearer ", last.ToJsonString(), StringComparison.Ordinal);
            }
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Token_in_the_query_is_accepted()
    {
        string token = Uri.EscapeDataString(Sign(Client, Device, DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        string query = $"?device-id={Uri.EscapeDataString(Device)}&client-id={Client}&authorization=Bearer+{token}";
        await using (DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway.DeviceUri("/xiaozhi/v1/" + query)))
        {
            await device.HelloAsync();
            device.Drop();
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Allowed_device_needs_no_token()
    {
        await using (DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "aa:00:00:00:00:01"))
        {
            await device.HelloAsync();
            device.Drop();
        }

        await fixture.AssertHealthyAsync();
    }

    public static TheoryData<string, string, string, string> Spellings => new()
    {
        { Device, Client, Device, Client },
        { Device, Client, Device.ToLowerInvariant(), Client.ToLowerInvariant() },
        { Device.ToLowerInvariant(), Client.ToLowerInvariant(), Device, Client },
        { Device.ToLowerInvariant(), Client, Device, Client.ToLowerInvariant() },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Token_from_ota_is_accepted(string otaDevice, string otaClient, string device, string client)
    {
        string token = await TokenFromOtaAsync(otaDevice, otaClient);
        Assert.Equal(101, await PresentAsync(token, device, client));
        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData(Device, "other", "OtherClientId")]
    [InlineData("94:A9:90:00:00:0B", Client, "OtherDeviceId")]
    [InlineData("94:A9:90:00:00:0B", "other", "OtherIds")]
    public async Task Token_from_ota_with_other_ids_is_explained(string device, string client, string reason)
    {
        string token = await TokenFromOtaAsync(Device, Client);
        Assert.Equal(401, await PresentAsync(token, device, client));
        Assert.Equal(reason, (string?)(await fixture.Admin.HandshakesAsync())[0]["auth"]);
        await fixture.AssertHealthyAsync();
    }

    private async Task<string> TokenFromOtaAsync(string device, string client)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, fixture.Gateway.HttpUri("/xiaozhi/ota/"));
        request.Headers.Add("Device-Id", device);
        request.Headers.Add("Client-Id", client);
        request.Content = new StringContent("""{"application":{"version":"1.0.0"}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage reply = await http.SendAsync(request);
        JsonNode answer = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!;
        string token = (string?)answer["websocket"]!["token"] ?? "";
        Assert.NotEqual("", token);
        return token;
    }

    private async Task<int> PresentAsync(string token, string device, string client)
    {
        using RawConnection connection = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await connection.SendAsync(UpgradeRequest.Replacing(
            "Device-Id", $"Device-Id: {device}\r\nClient-Id: {client}\r\nAuthorization: Bearer {token}"));
        return (await connection.ReadReplyAsync()).Status;
    }

    /// <summary>Creates a token of the old server.</summary>
    private static string Sign(string client, string device, long timestamp)
    {
        byte[] signature = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(AuthenticatingGateway.Key),
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{client}|{device}|{timestamp}")));
        string encoded = Convert.ToBase64String(signature).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return string.Create(CultureInfo.InvariantCulture, $"{encoded}.{timestamp}");
    }
}
