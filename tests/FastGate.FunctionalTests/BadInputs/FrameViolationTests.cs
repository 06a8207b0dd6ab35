using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>
/// Frames that violate RFC 6455 or a limit. The server answers earlier messages, sends a close frame with the status of the violation, and
/// closes the connection.
/// </summary>
public sealed class FrameViolationTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const int ProtocolError = 1002;
    private const int InvalidData = 1007;
    private const int PolicyViolation = 1008;
    private const int TooBig = 1009;

    private static readonly Dictionary<string, (byte[] Bytes, int CloseStatus)> s_rows = new()
    {
        ["RSV1"] = (ClientFrame.Build(RawFrame.Text, "{}"u8.ToArray(), rsv: 4), ProtocolError),
        ["RSV2"] = (ClientFrame.Build(RawFrame.Text, "{}"u8.ToArray(), rsv: 2), ProtocolError),
        ["RSV3"] = (ClientFrame.Build(RawFrame.Text, "{}"u8.ToArray(), rsv: 1), ProtocolError),
        ["RSV1 on a control frame"] = (ClientFrame.Build(RawFrame.Ping, [], rsv: 4), ProtocolError),
        ["opcode 3"] = (ClientFrame.Build(3, []), ProtocolError),
        ["opcode 7"] = (ClientFrame.Build(7, []), ProtocolError),
        ["opcode 11"] = (ClientFrame.Build(11, []), ProtocolError),
        ["opcode 15"] = (ClientFrame.Build(15, []), ProtocolError),
        ["unmasked"] = (ClientFrame.Build(RawFrame.Text, "{}"u8.ToArray(), masked: false), ProtocolError),
        ["unmasked ping"] = (ClientFrame.Build(RawFrame.Ping, [], masked: false), ProtocolError),
        ["unmasked close"] = (ClientFrame.Build(RawFrame.Close, [], masked: false), ProtocolError),
        ["16-bit length of 125"] = (ClientFrame.Build(RawFrame.Binary, new byte[125], lengthBytes: 2), ProtocolError),
        ["64-bit length of 125"] = (ClientFrame.Build(RawFrame.Binary, new byte[125], lengthBytes: 8), ProtocolError),
        ["64-bit length of 65,535"] = (ClientFrame.Build(RawFrame.Binary, new byte[65_535], lengthBytes: 8), ProtocolError),
        ["64-bit length, highest bit set"] = (ClientFrame.Header(RawFrame.Binary, 1UL << 63), ProtocolError),
        ["64-bit length, all bits set"] = (ClientFrame.Header(RawFrame.Binary, ulong.MaxValue), ProtocolError),
        ["frame one byte above the limit"] = (ClientFrame.Header(RawFrame.Binary, 65_537), TooBig),
        ["huge declared length without payload"] = (ClientFrame.Header(RawFrame.Binary, long.MaxValue), TooBig),
        ["ping of 126 bytes"] = (ClientFrame.Build(RawFrame.Ping, new byte[126]), ProtocolError),
        ["close of 126 bytes"] = (ClientFrame.Build(RawFrame.Close, ClientFrame.ClosePayload(1000, new byte[124])), ProtocolError),
        ["fragmented ping"] = (ClientFrame.Build(RawFrame.Ping, [], fin: false), ProtocolError),
        ["fragmented close"] = (ClientFrame.Build(RawFrame.Close, [], fin: false), ProtocolError),
        ["continuation without a message"] = (ClientFrame.Build(RawFrame.Continuation, []), ProtocolError),
        ["unfinished continuation without a message"] = (ClientFrame.Build(RawFrame.Continuation, [], fin: false), ProtocolError),
        ["new text within a message"] = (Join(ClientFrame.Text("{", fin: false), ClientFrame.Text("{}")), ProtocolError),
        ["new binary within a message"] = (Join(ClientFrame.Text("{", fin: false), ClientFrame.Build(RawFrame.Binary, [])), ProtocolError),
        ["message above its limit in frames below the frame limit"] = (Fragments(5, new byte[60_000]), TooBig),
        ["empty continuations without end"] = (Fragments(1_000, []), PolicyViolation),
        ["a million fragments of one byte"] = (Fragments(1_000_000, [0x20]), PolicyViolation),
        ["close with one byte"] = (ClientFrame.Build(RawFrame.Close, [3]), ProtocolError),
        ["close 0"] = (ClientFrame.Close(0), ProtocolError),
        ["close 999"] = (ClientFrame.Close(999), ProtocolError),
        ["close 1004"] = (ClientFrame.Close(1004), ProtocolError),
        ["close 1005"] = (ClientFrame.Close(1005), ProtocolError),
        ["close 1006"] = (ClientFrame.Close(1006), ProtocolError),
        ["close 1015"] = (ClientFrame.Close(1015), ProtocolError),
        ["close 2999"] = (ClientFrame.Close(2999), ProtocolError),
        ["close 5000"] = (ClientFrame.Close(5000), ProtocolError),
        ["close 65535"] = (ClientFrame.Close(65535), ProtocolError),
        ["close reason that is not UTF-8"] = (ClientFrame.Build(RawFrame.Close, ClientFrame.ClosePayload(1000, [0xff])), InvalidData),
        ["text that is not UTF-8"] = (ClientFrame.Build(RawFrame.Text, [0x7b, 0xff]), InvalidData),
        ["text that ends within a character"] = (ClientFrame.Build(RawFrame.Text, [0xe5, 0xb0]), InvalidData),
        ["surrogate"] = (ClientFrame.Build(RawFrame.Text, [0xed, 0xa0, 0x80]), InvalidData),
        ["overlong"] = (ClientFrame.Build(RawFrame.Text, [0xc0, 0xaf]), InvalidData),
        ["invalid UTF-8 across fragments"] =
            (Join(ClientFrame.Build(RawFrame.Text, [0xe5, 0xb0], fin: false), ClientFrame.Build(RawFrame.Continuation, [0x41], fin: false)), InvalidData),
    };

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Violation_is_closed_with_its_status(string name)
    {
        (byte[] bytes, int status) = s_rows[name];
        using (RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "violating"))
        {
            await device.TrySendAsync((byte[])[.. ClientFrame.Text(DeviceTexts.Ping), .. bytes]);
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync())?.PayloadText);
            RawFrame? close = await device.ReadFrameAsync();
            Assert.Equal(RawFrame.Close, close?.Opcode);
            Assert.Equal(status, close?.CloseStatus);
            Assert.Empty(await device.ReadToEndAsync());
        }

        await fixture.AssertHealthyAsync();
    }

    private static byte[] Fragments(int count, byte[] payload)
    {
        byte[] next = ClientFrame.Build(RawFrame.Continuation, payload, fin: false);
        byte[] first = ClientFrame.Build(RawFrame.Binary, payload, fin: false);
        byte[] all = new byte[first.Length + (next.Length * (count - 1))];
        first.CopyTo(all, 0);
        for (int i = 1; i < count; i++)
        {
            next.CopyTo(all, first.Length + (next.Length * (i - 1)));
        }

        return all;
    }

    private static byte[] Join(params byte[][] frames) => [.. frames.SelectMany(static frame => frame)];
}
