using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Compression;

/// <summary>Conformance of permessage-deflate: RSV1 where it is not allowed, data that is not DEFLATE, text that is not UTF-8, messages above the limit.</summary>
public sealed class CompressionViolationTests(CompressingEcho fixture) : IClassFixture<CompressingEcho>
{
    private const int Largest = 256 * 1024;

    /// <summary>The name of a violation, its bytes, and the close status.</summary>
    public static TheoryData<string, byte[], int> Violations()
    {
        byte[] hello = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
        byte[] chinese = ZlibPayload.Of(Encoding.UTF8.GetBytes("今天天气"), 2);
        byte[] latin = ZlibPayload.Of([.. "caf"u8, 0xE9, .. " au lait"u8], 2);
        return new()
        {
            // RSV1 belongs to the first frame of a data message only (RFC 7692 section 6.1); RSV2 and RSV3 have no meaning.
            { "continuation", [.. ClientFrame.Build(RawFrame.Text, hello[..3], fin: false, rsv: 4), .. ClientFrame.Build(RawFrame.Continuation, hello[3..], rsv: 4)], 1002 },
            { "continuation of a plain message", [.. ClientFrame.Build(RawFrame.Text, "a"u8.ToArray(), fin: false), .. ClientFrame.Build(RawFrame.Continuation, hello, rsv: 4)], 1002 },
            { "ping", ClientFrame.Build(RawFrame.Ping, hello, rsv: 4), 1002 },
            { "pong", ClientFrame.Build(RawFrame.Pong, hello, rsv: 4), 1002 },
            { "close", ClientFrame.Build(RawFrame.Close, ClientFrame.ClosePayload(1000, []), rsv: 4), 1002 },
            { "RSV2", ClientFrame.Build(RawFrame.Text, hello, rsv: 2), 1002 },
            { "RSV3", ClientFrame.Build(RawFrame.Text, hello, rsv: 1), 1002 },
            { "RSV1 and RSV2", ClientFrame.Build(RawFrame.Text, hello, rsv: 6), 1002 },
            { "new message inside a message", [.. ClientFrame.Build(RawFrame.Text, hello[..3], fin: false, rsv: 4), .. ClientFrame.Build(RawFrame.Text, hello, rsv: 4)], 1002 },
            { "reserved opcode", ClientFrame.Build(3, hello, rsv: 4), 1002 },

            // Not DEFLATE (RFC 1951), or not the end of a block.
            { "nothing", ClientFrame.Build(RawFrame.Binary, [], rsv: 4), 1007 },
            { "reserved block type", ClientFrame.Build(RawFrame.Binary, [0x06], rsv: 4), 1007 },
            { "reserved block type behind a block", ClientFrame.Build(RawFrame.Binary, [0x00, 0x00, 0x00, 0xFF, 0xFF, 0x06], rsv: 4), 1007 },
            { "noise", ClientFrame.Build(RawFrame.Binary, [0xFF, 0xFF, 0xFF, 0xFF], rsv: 4), 1007 },
            { "cut fixed block", ClientFrame.Build(RawFrame.Binary, hello[..^2], rsv: 4), 1007 },
            { "cut stored block", ClientFrame.Build(RawFrame.Binary, [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65], rsv: 4), 1007 },
            { "stored block with wrong lengths", ClientFrame.Build(RawFrame.Binary, [0x00, 0x05, 0x00, 0xFA, 0xFE, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], rsv: 4), 1007 },
            { "stored block in the removed bytes", ClientFrame.Build(RawFrame.Binary, [0x00, 0x04, 0x00, 0xFB, 0xFF], rsv: 4), 1007 },
            { "distance behind the start", ClientFrame.Build(RawFrame.Binary, [0x42, 0x04, 0xFD], rsv: 4), 1007 },
            { "window of the message before", [.. ClientFrame.Build(RawFrame.Text, hello, rsv: 4), .. ClientFrame.Build(RawFrame.Text, [0xF2, 0x00, 0x11, 0x00, 0x00], rsv: 4)], 1007 },
            { "dynamic block without codes", ClientFrame.Build(RawFrame.Binary, [0x04, 0x00, 0x00, 0x00], rsv: 4), 1007 },
            { "dynamic block of ones", ClientFrame.Build(RawFrame.Binary, [0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], rsv: 4), 1007 },
            { "data behind a final block", ClientFrame.Build(RawFrame.Binary, [0x03, 0x00, 0xFF, 0xFF], rsv: 4), 1007 },

            // Text that is not UTF-8 when it is decompressed.
            { "not UTF-8", ClientFrame.Build(RawFrame.Text, latin, rsv: 4), 1007 },
            { "not UTF-8, byte by byte", CompressedDevice.Frames(RawFrame.Text, latin, isCompressed: true, frameLength: 1), 1007 },
            { "cut character", CompressedDevice.Frames(RawFrame.Text, ZlibPayload.Of(Encoding.UTF8.GetBytes("今天")[..^1], 0), isCompressed: true, frameLength: 2), 1007 },
            { "surrogate", CompressedDevice.Frames(RawFrame.Text, ZlibPayload.Of([0xED, 0xA0, 0x80], 1), isCompressed: true), 1007 },
            { "compressed text that is not marked", CompressedDevice.Frames(RawFrame.Text, [.. chinese, 0xFF], isCompressed: false), 1007 },

            // The limit holds for what is decompressed.
            { "one byte above the limit", CompressedDevice.Frames(RawFrame.Text, ZlibPayload.Of(Enumerable.Repeat((byte)'a', Largest + 1).ToArray(), 0), isCompressed: true), 1009 },
            { "stored above the limit", CompressedDevice.Frames(RawFrame.Binary, ZlibPayload.Of(new byte[Largest + 1], 1), isCompressed: true), 1009 },
            { "bomb", CompressedDevice.Frames(RawFrame.Binary, ZlibPayload.Of(new byte[64 << 20], 0), isCompressed: true, frameLength: 1_000), 1009 },
        };
    }

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task Violation_is_closed_with_its_status(string name, byte[] bytes, int status)
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, "permessage-deflate; client_max_window_bits");
        byte[] valid = Encoding.UTF8.GetBytes($"before {name}");

        // A valid message before it is answered first.
        Task<bool> sending = device.Connection.TrySendAsync((byte[])[.. CompressedDevice.Frames(RawFrame.Binary, ZlibPayload.Of(valid, 0), isCompressed: true), .. bytes]);

        Assert.Equal(valid, (await device.ReadAsync()).Message);
        RawFrame? reply = await device.Connection.ReadFrameAsync();
        if (name == "window of the message before")
        {
            Assert.Equal("Hello", reply?.PayloadText);
            reply = await device.Connection.ReadFrameAsync();
        }

        Assert.Equal(status, reply?.CloseStatus);
        Assert.Null(await device.Connection.ReadFrameAsync());
        await sending;
    }

    [Fact]
    public async Task Message_at_the_limit_comes_back()
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, "permessage-deflate");
        for (int way = 0; way < ZlibPayload.Ways; way++)
        {
            // The limit holds for the payload too, to which stored blocks add a few bytes.
            byte[] message = new byte[way == 1 ? Largest - 1_000 : Largest];
            await device.Connection.SendAsync(CompressedDevice.Frames(RawFrame.Binary, ZlibPayload.Of(message, way), isCompressed: true, frameLength: 50_000));
            Assert.True((await device.ReadAsync()).Message.AsSpan().SequenceEqual(message), $"{way}");
        }
    }

    [Fact]
    public async Task Marked_message_without_negotiation_is_a_violation()
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort);

        await device.Connection.SendAsync(ClientFrame.Build(RawFrame.Text, [0x00], rsv: 4));

        Assert.Null(device.Answer);
        Assert.Equal(1002, (await device.Connection.ReadFrameAsync())?.CloseStatus);
    }
}
