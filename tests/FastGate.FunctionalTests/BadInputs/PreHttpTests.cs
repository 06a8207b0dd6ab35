using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Other protocols, silence and half-close on the device port.</summary>
public sealed class PreHttpTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly Dictionary<string, byte[]> s_otherProtocols = new()
    {
        ["TLS ClientHello"] =
        [
            0x16, 0x03, 0x01, 0x00, 0x31, 0x01, 0x00, 0x00, 0x2d, 0x03, 0x03, .. new byte[32], 0x00, 0x00, 0x02, 0x13, 0x01, 0x01, 0x00, 0x00, 0x02, 0x00, 0x00,
        ],
        ["RDP connection request"] = [0x03, 0x00, 0x00, 0x13, 0x0e, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x08, 0x00, 0x0b, 0x00, 0x00, 0x00],
        ["SSH banner"] = [.. "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"u8],
        ["SMB negotiate"] = [0x00, 0x00, 0x00, 0x54, 0xff, .. "SMBr"u8, .. new byte[28]],
        ["PROXY v1, valid"] = [.. "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"u8, .. UpgradeRequest.With()],
        ["PROXY v1, truncated"] = [.. "PROXY TCP4 192.0.2.1\r\n\r\n"u8],
        ["PROXY v2, valid"] = [.. ProxyV2(12, [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 0x01, 0xbb]), .. UpgradeRequest.With()],
        ["PROXY v2, truncated"] = [.. ProxyV2(12, [192, 0]), .. "\r\n\r\n"u8],
        ["PROXY v2, oversized TLV"] = [.. ProxyV2(0xffff, [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 0x01, 0xbb, 0x04, 0xff, 0xff]), .. "\r\n\r\n"u8],
        ["MQTT CONNECT"] = [0x10, 0x10, 0x00, 0x04, .. "MQTT"u8, 0x04, 0x02, 0x00, 0x3c, 0x00, 0x04, .. "test"u8],
        ["Redis inline"] = [.. "PING\r\n\r\n"u8],
    };

    public static TheoryData<string> OtherProtocols => [.. s_otherProtocols.Keys];

    [Theory]
    [MemberData(nameof(OtherProtocols))]
    public async Task Other_protocol_is_refused(string name)
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await client.TrySendAsync(s_otherProtocols[name]);
        HttpReply reply = await client.ReadReplyAsync();
        Assert.Equal(400, reply.Status);
        Assert.Equal("close", reply.Header("Connection"));
        await client.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Http2_preface_is_refused()
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await client.TrySendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        Assert.Contains((await client.ReadReplyAsync()).Status, (int[])[400, 505]);
        await client.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Silent_connections_leave_nothing_behind()
    {
        for (int i = 0; i < 200; i++)
        {
            using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
            if (i % 2 == 0)
            {
                // The reset often arrives while the connection is still in the backlog.
                client.Reset();
            }
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Half_close_before_the_request_ends_the_connection()
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        client.HalfClose();
        await client.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Half_close_within_the_request_ends_the_connection()
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await client.SendAsync("GET /xiaozhi/v1/ HTT");
        client.HalfClose();
        await client.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    private static byte[] ProxyV2(ushort length, byte[] addresses) =>
        [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, (byte)(length >> 8), (byte)length, .. addresses];
}
