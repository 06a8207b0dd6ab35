using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Valid and invalid request lines.</summary>
public sealed class RequestLineTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly Dictionary<string, (byte[] Bytes, int Status)> s_rows = new()
    {
        ["plain GET"] = (UpgradeRequest.Bytes("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"), 200),
        ["plain HEAD"] = (UpgradeRequest.Bytes("HEAD / HTTP/1.1\r\nHost: gateway\r\n\r\n"), 200),
        ["plain GET of HTTP/1.0"] = (UpgradeRequest.Bytes("GET / HTTP/1.0\r\n\r\n"), 200),
        ["upgrade over HTTP/1.0"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/ HTTP/1.0"), 400),
        ["HTTP/2.0"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/ HTTP/2.0"), 505),
        ["another protocol's name"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/ ICY/1.1"), 400),
        ["protocol in lower case"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/ http/1.1"), 400),
        ["no protocol"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/"), 400),
        ["bare LF"] = (UpgradeRequest.Bytes("GET /xiaozhi/v1/ HTTP/1.1\nHost: gateway\r\n\r\n"), 400),
        ["CR without LF"] = (UpgradeRequest.Bytes("GET /xiaozhi/v1/ HTTP/1.1\rHost: gateway\r\n\r\n"), 400),
        ["NUL in the target"] = (UpgradeRequest.WithLine("GET /xiaozhi\0/v1/ HTTP/1.1"), 400),
        ["tab in the target"] = (UpgradeRequest.WithLine("GET /xiaozhi\t/v1/ HTTP/1.1"), 400),
        ["two spaces"] = (UpgradeRequest.WithLine("GET  /xiaozhi/v1/ HTTP/1.1"), 400),
        ["space before the method"] = (UpgradeRequest.WithLine(" GET /xiaozhi/v1/ HTTP/1.1"), 400),
        ["empty line"] = (UpgradeRequest.WithLine(" "), 400),
        ["CRLF before the request line"] = (UpgradeRequest.WithLine("\r\n" + UpgradeRequest.DefaultLine), 101),
        ["CRLF before a plain GET"] = (UpgradeRequest.Bytes("\r\nGET / HTTP/1.1\r\nHost: gateway\r\n\r\n"), 200),
        ["many CRLF before the request line"] = (UpgradeRequest.WithLine(new string('\n', 50).Replace("\n", "\r\n", StringComparison.Ordinal) + UpgradeRequest.DefaultLine), 400),
        ["lower-case method"] = (UpgradeRequest.WithLine("get /xiaozhi/v1/ HTTP/1.1"), 405),
        ["POST with an upgrade"] = (UpgradeRequest.WithLine("POST /xiaozhi/v1/ HTTP/1.1"), 405),
        ["OPTIONS *"] = (UpgradeRequest.Bytes("OPTIONS * HTTP/1.1\r\nHost: gateway\r\n\r\n"), 405),
        ["DELETE"] = (UpgradeRequest.Bytes("DELETE / HTTP/1.1\r\nHost: gateway\r\n\r\n"), 405),
        ["target at the limit"] = (UpgradeRequest.WithLine(LineOf(2048)), 101),
        ["target above the limit"] = (UpgradeRequest.WithLine(LineOf(2049)), 414),
        ["target of 64 KiB"] = (UpgradeRequest.WithLine(LineOf(64 * 1024)), 414),
        ["target of 64 KiB without an end"] = (UpgradeRequest.Bytes("GET /" + new string('a', 64 * 1024)), 414),
        ["another path"] = (UpgradeRequest.WithLine("GET /any/path?at=all HTTP/1.1"), 101),
        ["absolute form"] = (UpgradeRequest.WithLine("GET http://gateway:8000/xiaozhi/v1/?device-id=absolute HTTP/1.1"), 101),
        ["asterisk form"] = (UpgradeRequest.WithLine("GET * HTTP/1.1"), 400),
        ["HTTP/1.2"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/ HTTP/1.2"), 101),
        ["bytes above ASCII in the target"] = (UpgradeRequest.WithLine("GET /xiaozhi/v1/?device-id=\u00e9\u00ff HTTP/1.1"), 400),
        ["dots and slashes"] = (UpgradeRequest.WithLine("GET /../../etc/passwd HTTP/1.1"), 101),
    };

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Request_line_gets_its_status(string name)
    {
        (byte[] bytes, int status) = s_rows[name];
        using (RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await client.TrySendAsync(bytes);
            HttpReply reply = await client.ReadReplyAsync(hasBody: name != "plain HEAD");
            Assert.Equal(status, reply.Status);
            if (status != 101)
            {
                Assert.Equal("close", reply.Header("Connection"));
                Assert.Empty(await client.ReadToEndAsync());
            }

            if (status == 405)
            {
                Assert.Contains("GET", reply.Header("Allow"), StringComparison.Ordinal);
            }
        }

        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("?device-id=AA%3abb%3ACC", "aa:bb:cc")]
    [InlineData("?device-id=first&device-id=second", "first")]
    [InlineData("?device-id=", "default")]
    [InlineData("?device-id=%20%22Quoted+Id%22%20", "quoted id")]
    [InlineData("?device-id=%zz", "%zz")]
    [InlineData("?device_id=under", "under")]
    [InlineData("?device-id=94%3Aa9&client-id=c&device_id=94%3Aa9&client_id=c", "94:a9")]
    [InlineData("?client-id=only", "default")]
    [InlineData("?&&==&device-id=x&", "x")]
    [InlineData("?device-id=absolute", "absolute", "http://gateway:8000")]
    public async Task Identity_is_read_from_the_query(string query, string expected, string before = "")
    {
        using (RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await device.SendAsync(UpgradeRequest.WithLine($"GET {before}/xiaozhi/v1/{query} HTTP/1.1"));
            Assert.Equal(101, (await device.ReadReplyAsync()).Status);
            JsonObject shown = await fixture.OnlyDeviceAsync();
            Assert.Equal(expected, (string?)shown["deviceId"]);
        }

        await fixture.AssertHealthyAsync();
    }

    /// <summary>Creates a request line of this length, without its line break.</summary>
    private static string LineOf(int bytes)
    {
        const string fix = "GET / HTTP/1.1";
        return $"GET /{new string('a', bytes - fix.Length)} HTTP/1.1";
    }
}
