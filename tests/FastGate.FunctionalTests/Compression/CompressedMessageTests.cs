using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Compression;

/// <summary>Conformance of permessage-deflate: messages of all sizes, in all kinds of blocks and frames, come back exactly.</summary>
public sealed class CompressedMessageTests(CompressingEcho fixture) : IClassFixture<CompressingEcho>
{
    private const string Offer = "permessage-deflate; client_max_window_bits";

    // Each connection sends about so many bytes.
    private const int BytesPerSize = 1024 * 1024;

    private static readonly int[] s_frameLengths = [int.MaxValue, 256, 1_024, 4_096, 32_768, 7];

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(1_024)]
    [InlineData(4_096)]
    [InlineData(8_192)]
    [InlineData(16_384)]
    [InlineData(32_768)]
    [InlineData(65_536)]
    [InlineData(131_072)]
    public async Task Messages_come_back(int size)
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, Offer);
        Random random = new(size);
        int count = Math.Clamp(BytesPerSize / size, 2 * ZlibPayload.Ways * s_frameLengths.Length, 1_000);
        var sent = new List<(int Opcode, byte[] Message)>();
        using MemoryStream frames = new();
        for (int i = 0; i < count; i++)
        {
            int opcode = i % 3 == 2 ? RawFrame.Binary : RawFrame.Text;
            byte[] message = opcode == RawFrame.Text ? Text(random, size) : Bytes(random, size);
            sent.Add((opcode, message));

            // Each fifth message is not compressed.
            bool isCompressed = i % 5 != 4;
            byte[] payload = isCompressed ? ZlibPayload.Of(message, i) : message;
            frames.Write(CompressedDevice.Frames(opcode, payload, isCompressed, s_frameLengths[i / ZlibPayload.Ways % s_frameLengths.Length]));
        }

        Task sending = device.Connection.SendAsync(frames.ToArray());
        int compressed = 0;
        foreach ((int opcode, byte[] message) in sent)
        {
            (int Opcode, byte[] Message, bool IsCompressed) echo = await device.ReadAsync();
            Assert.Equal(opcode, echo.Opcode);
            Assert.True(echo.Message.AsSpan().SequenceEqual(message), "the echo differs");
            Assert.False(echo.IsCompressed && opcode == RawFrame.Binary, "sound is compressed");
            compressed += echo.IsCompressed ? 1 : 0;
        }

        await sending;
        Assert.True(size < 256 || compressed > count / 3, $"{compressed} of {count} are compressed");
    }

    [Fact]
    public async Task Empty_messages_and_empty_frames_come_back()
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, Offer);
        foreach (int opcode in (int[])[RawFrame.Text, RawFrame.Binary])
        {
            // An empty block of each type, an empty one behind an empty one, and a final one.
            foreach (string payload in (string[])["00", "0200", "000000FFFF00", "0300", "010000FFFF00"])
            {
                await device.Connection.SendAsync(CompressedDevice.Frames(opcode, Convert.FromHexString(payload), isCompressed: true));
                Assert.Equal((opcode, 0), await EchoLengthAsync(device));
            }

            // The payload is in the second of three frames.
            await device.Connection.SendAsync((byte[])
            [
                .. ClientFrame.Build(opcode, [], fin: false, rsv: 4),
                .. ClientFrame.Build(RawFrame.Continuation, [0x00], fin: false),
                .. ClientFrame.Build(RawFrame.Continuation, []),
            ]);
            Assert.Equal((opcode, 0), await EchoLengthAsync(device));
            await device.Connection.SendAsync(ClientFrame.Build(opcode, []));
            Assert.Equal((opcode, 0), await EchoLengthAsync(device));
        }
    }

    [Fact]
    public async Task Message_cut_at_each_byte_comes_back_with_a_ping_between()
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, Offer);
        byte[] message = Encoding.UTF8.GetBytes("""{"type":"listen","state":"detect","text":"今天天气怎么样？今天天气好"}""");
        byte[] payload = ZlibPayload.Of(message, 0);
        for (int cut = 0; cut <= payload.Length; cut++)
        {
            await device.Connection.SendAsync((byte[])
            [
                .. ClientFrame.Build(RawFrame.Text, payload[..cut], fin: false, rsv: 4),
                .. ClientFrame.Build(RawFrame.Ping, [(byte)cut]),
                .. ClientFrame.Build(RawFrame.Continuation, payload[cut..]),
            ]);
            RawFrame? pong = await device.Connection.ReadFrameAsync();
            Assert.Equal((RawFrame.Pong, (byte)cut), (pong?.Opcode, Assert.Single(pong!.Payload)));
            Assert.Equal(message, (await device.ReadAsync()).Message);
        }
    }

    [Fact]
    public async Task Blocks_of_all_types_form_one_message()
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, Offer);
        byte[] text = Text(new Random(1), 3_000);
        byte[] payload = [];
        for (int way = 0; way < ZlibPayload.Ways - 1; way++)
        {
            // The removed bytes are back between the parts, so that each part ends with an empty stored block.
            payload = [.. payload, .. ZlibPayload.Of(text, way), .. (byte[])(way < ZlibPayload.Ways - 2 ? [0x00, 0x00, 0xFF, 0xFF] : [])];
        }

        await device.Connection.SendAsync(CompressedDevice.Frames(RawFrame.Text, payload, isCompressed: true, frameLength: 1_000));

        Assert.Equal(Enumerable.Repeat(text, ZlibPayload.Ways - 1).SelectMany(static part => part), (await device.ReadAsync()).Message);
    }

    private static async Task<(int Opcode, int Length)> EchoLengthAsync(CompressedDevice device)
    {
        (int opcode, byte[] message, _) = await device.ReadAsync();
        return (opcode, message.Length);
    }

    /// <summary>JSON with Chinese, and digits that do not repeat, of exactly this size.</summary>
    private static byte[] Text(Random random, int size)
    {
        StringBuilder text = new();
        while (text.Length < size)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{{\"type\":\"tts\",\"n\":{random.Next()},\"text\":\"你好，{random.Next(100)} 度。\"}}");
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString())[..size];

        // The last characters may be cut.
        bytes.AsSpan(size - 4).Fill((byte)'.');
        for (int i = size - 5; i >= 0 && bytes[i] >= 0x80; i--)
        {
            bytes[i] = (byte)'.';
        }

        return bytes;
    }

    /// <summary>Noise, or bytes that repeat at all distances.</summary>
    private static byte[] Bytes(Random random, int size)
    {
        byte[] bytes = new byte[size];
        random.NextBytes(bytes);
        for (int at = size / 4; at < size && random.Next(4) > 0;)
        {
            int length = Math.Min(random.Next(3, 300), size - at);
            int distance = random.Next(1, at + 1);
            for (int end = at + length; at < end; at++)
            {
                bytes[at] = bytes[at - distance];
            }
        }

        return bytes;
    }
}
