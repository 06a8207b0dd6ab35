using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Valid and invalid header fields.</summary>
public sealed class HeaderTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly Dictionary<string, (byte[] Bytes, int Status)> s_rows = new()
    {
        ["64 headers"] = (UpgradeRequest.With(Many(64 - 6)), 101),
        ["65 headers"] = (UpgradeRequest.With(Many(65 - 6)), 431),
        ["1,000 headers"] = (UpgradeRequest.With(Many(1000)), 431),
        ["value of 8 KiB"] = (UpgradeRequest.With("X-Long: " + new string('v', 8 * 1024)), 431),
        ["value of 1 MiB without an end"] = (UpgradeRequest.Bytes(UpgradeRequest.DefaultLine + "\r\nX-Long: " + new string('v', 1024 * 1024)), 431),
        ["folded line"] = (UpgradeRequest.With("X-Folded: one", " two"), 400),
        ["folded with a tab"] = (UpgradeRequest.With("X-Folded: one", "\ttwo"), 400),
        ["space before the colon"] = (UpgradeRequest.With("X-Space : v"), 400),
        ["empty name"] = (UpgradeRequest.With(": v"), 400),
        ["name that is not a token"] = (UpgradeRequest.With("X(Comment): v"), 400),
        ["no colon"] = (UpgradeRequest.With("Nonsense"), 400),
        ["NUL in a value"] = (UpgradeRequest.With("X-Nul: a\0b"), 400),
        ["escape in a value"] = (UpgradeRequest.With("X-Escape: a\u001bb"), 400),
        ["bare LF in a value"] = (UpgradeRequest.With("X-Lf: a\nX-Other: b"), 400),
        ["bare CR in a value"] = (UpgradeRequest.With("X-Cr: a\rX-Other: b"), 400),
        ["non-ASCII in a value"] = (UpgradeRequest.With("X-Name: \u00e5\u00b0\u008f\u00e6"), 101),
        ["non-ASCII in a name"] = (UpgradeRequest.With("X-\u00e5: v"), 400),
        ["no Host"] = (UpgradeRequest.Replacing("Host", null), 400),
        ["two Hosts"] = (UpgradeRequest.With("Host: other"), 400),
        ["list of Hosts"] = (UpgradeRequest.Replacing("Host", "Host: a, b"), 400),
        ["Host with a user"] = (UpgradeRequest.Replacing("Host", "Host: u@h"), 400),
        ["Host with a path"] = (UpgradeRequest.Replacing("Host", "Host: h/path"), 400),
        ["empty Host"] = (UpgradeRequest.Replacing("Host", "Host:"), 400),
        ["list of Hosts on a plain GET"] = (UpgradeRequest.Bytes("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400),
        ["Host with a user on a plain GET"] = (UpgradeRequest.Bytes("GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"), 400),
        ["Host with a path on a plain GET"] = (UpgradeRequest.Bytes("GET / HTTP/1.1\r\nHost: h/path\r\n\r\n"), 400),
        ["empty Host on a plain GET"] = (UpgradeRequest.Bytes("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400),
        ["Host with a port"] = (UpgradeRequest.Replacing("Host", "Host: [::1]:8000"), 101),
        ["no Key"] = (UpgradeRequest.Replacing("Sec-WebSocket-Key", null), 400),
        ["two Keys"] = (UpgradeRequest.With("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400),
        ["Key of 15 bytes"] = (UpgradeRequest.Replacing("Sec-WebSocket-Key", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"), 400),
        ["Key of 17 bytes"] = (UpgradeRequest.Replacing("Sec-WebSocket-Key", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="), 400),
        ["Key that is not base64"] = (UpgradeRequest.Replacing("Sec-WebSocket-Key", "Sec-WebSocket-Key: ??????????????????????=="), 400),
        ["empty Key"] = (UpgradeRequest.Replacing("Sec-WebSocket-Key", "Sec-WebSocket-Key:"), 400),
        ["no Version"] = (UpgradeRequest.Replacing("Sec-WebSocket-Version", null), 426),
        ["Version 8"] = (UpgradeRequest.Replacing("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), 426),
        ["two Versions"] = (UpgradeRequest.With("Sec-WebSocket-Version: 13"), 400),
        ["Content-Length 0"] = (UpgradeRequest.With("Content-Length: 0"), 101),
        ["Content-Length 5"] = (UpgradeRequest.With("Content-Length: 5"), 400),
        ["Content-Length that is not a number"] = (UpgradeRequest.With("Content-Length: -1"), 400),
        ["Transfer-Encoding"] = (UpgradeRequest.With("Transfer-Encoding: chunked"), 400),
        ["Connection: keep-alive, Upgrade"] = (UpgradeRequest.Replacing("Connection", "Connection: keep-alive, Upgrade"), 101),
        ["Connection in two lines"] = (UpgradeRequest.Replacing("Connection", "Connection: keep-alive\r\nConnection: UPGRADE"), 101),
        ["Connection: Upgraded"] = (UpgradeRequest.Replacing("Connection", "Connection: Upgraded"), 200),
        ["Upgrade: websocket, h2c"] = (UpgradeRequest.Replacing("Upgrade", "Upgrade: websocket, h2c"), 101),
        ["Upgrade: WebSocket"] = (UpgradeRequest.Replacing("Upgrade", "upgrade:\tWebSocket \t"), 101),
        ["Upgrade: h2c"] = (UpgradeRequest.Replacing("Upgrade", "Upgrade: h2c"), 200),
        ["no Upgrade"] = (UpgradeRequest.Replacing("Upgrade", null), 200),
        ["an extension is offered"] = (UpgradeRequest.With("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"), 101),
        ["a subprotocol that is not a token"] = (UpgradeRequest.With("Sec-WebSocket-Protocol: \u00ff\u00fe,,,;;"), 101),
        ["Origin of another site"] = (UpgradeRequest.With("Origin: https://elsewhere.example"), 403),
    };

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Headers_get_their_status(string name)
    {
        (byte[] bytes, int status) = s_rows[name];
        using (RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await client.TrySendAsync(bytes);
            HttpReply reply = await client.ReadReplyAsync();
            Assert.Equal(status, reply.Status);
            if (status == 101)
            {
                Assert.Null(reply.Header("Sec-WebSocket-Extensions"));
                Assert.Null(reply.Header("Sec-WebSocket-Protocol"));
            }
            else
            {
                Assert.Equal(status == 426 ? "Upgrade, close" : "close", SortedConnection(reply));
                await client.ReadToEndAsync();
            }

            if (status == 426)
            {
                Assert.Equal("13", reply.Header("Sec-WebSocket-Version"));
                Assert.Equal("websocket", reply.Header("Upgrade"));
            }
        }

        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("Upgrade")]
    [InlineData("Connection")]
    public async Task Upgrade_whose_header_a_proxy_removed_is_listed(string name)
    {
        using (RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await client.SendAsync(UpgradeRequest.Replacing(name, null));
            HttpReply reply = await client.ReadReplyAsync();
            Assert.Equal(200, reply.Status);
            Assert.Equal("Server is running\n", reply.Body);
            await client.ReadToEndAsync();
        }

        JsonObject shown = (await fixture.Admin.HandshakesAsync())[0];
        Assert.Equal(200, (int?)shown["status"]);
        Assert.Equal("KeyWithoutUpgrade", (string?)shown["error"]);
        Assert.Contains("Sec-WebSocket-Key", shown["headerNames"]!.AsArray().Select(static item => (string?)item));
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Request_sent_byte_by_byte_is_accepted()
    {
        using (RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            byte[] request = UpgradeRequest.With();
            for (int i = 0; i < request.Length; i++)
            {
                await device.SendAsync(request.AsMemory(i, 1));
            }

            Assert.Equal(101, (await device.ReadReplyAsync()).Status);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Request_split_at_any_byte_gets_the_same_answer()
    {
        byte[] request = [.. UpgradeRequest.With(), .. ClientFrame.Text(DeviceTexts.Ping)];
        for (int cut = 1; cut < request.Length; cut++)
        {
            using RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
            await device.SendAsync(request.AsMemory(0, cut));
            await device.SendAsync(request.AsMemory(cut));
            Assert.Equal(101, (await device.ReadReplyAsync()).Status);

            // Skips the notice that the next round's connection replaces this one.
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("Device-Id: first", "Device-Id: second", "first")]
    [InlineData("device_id: under", "Device-Id: dash", "dash")]
    [InlineData("X-Device-Id: x-dash", "device_id: under", "under")]
    [InlineData("Client-Id: client", "X-Device_Id: x-under", "x-under")]
    [InlineData("Client-Id: 'Client'", "Device-Id: ''", "client")]
    public async Task Conflicting_id_headers_are_resolved_by_precedence(string one, string other, string expected)
    {
        using (RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await device.SendAsync(UpgradeRequest.Replacing("Device-Id", one + "\r\n" + other));
            Assert.Equal(101, (await device.ReadReplyAsync()).Status);
            JsonObject shown = await fixture.OnlyDeviceAsync();
            Assert.Equal(expected, (string?)shown["deviceId"]);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Frames_pipelined_behind_the_request_are_served()
    {
        using (RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await device.SendAsync((byte[])[.. UpgradeRequest.With(), .. ClientFrame.Text(DeviceTexts.Ping), .. ClientFrame.Text(DeviceTexts.Hello)]);
            Assert.Equal(101, (await device.ReadReplyAsync()).Status);
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync())?.PayloadText);
            Assert.Contains("session_id", (await device.ReadFrameAsync())?.PayloadText, StringComparison.Ordinal);
        }

        await fixture.AssertHealthyAsync();
    }

    private static string[] Many(int count) => [.. Enumerable.Range(0, count).Select(static i => $"X-{i}: v")];

    private static string? SortedConnection(HttpReply reply) =>
        reply.Header("Connection") is { } value
            ? string.Join(", ", value.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal))
            : null;
}
