using System.Buffers;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Deflate;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>permessage-deflate on a connection: negotiation, both directions, errors, and a connection that passes to another server.</summary>
public sealed class DeflateConnectionTests : IDisposable
{
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

    private static readonly DeviceOptions s_options = new() { Echo = true, Deflate = new DeviceDeflate { Enabled = true, MinText = 64 } };

    private readonly ConnectionHarness _harness = new(s_options);

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(true, Offer, "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData(true, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n", "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9")]
    [InlineData(true, "Sec-WebSocket-Extensions: x, permessage-deflate; y\r\n", null)]
    [InlineData(true, "", null)]
    [InlineData(false, Offer, null)]
    [InlineData(false, "Sec-WebSocket-Extensions: ;\r\n", null)]
    public async Task Extension_is_negotiated(bool isEnabled, string header, string? expected)
    {
        using var harness = new ConnectionHarness(s_options with { Deflate = s_options.Deflate with { Enabled = isEnabled } });

        string head = await harness.Connect().UpgradeAsync(headers: header);

        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        string? line = head.Split("\r\n").SingleOrDefault(static line => line.StartsWith("Sec-WebSocket-Extensions: ", StringComparison.Ordinal));
        Assert.Equal(expected, line?[26..]);
    }

    [Fact]
    public async Task Malformed_extensions_are_refused()
    {
        string head = await _harness.Connect().UpgradeAsync(headers: "Sec-WebSocket-Extensions: permessage-deflate;\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.HandshakeRefused));
    }

    [Fact]
    public async Task Text_is_compressed_in_both_directions()
    {
        ScriptedDevice device = await _harness.UpgradedAsync(Offer);
        string text = string.Concat(Enumerable.Repeat("你好 hello ", 30));

        await SendCompressedAsync(device, text);

        ReceivedFrame frame = await device.ReceiveFrameAsync();
        Assert.Equal((Opcode.Text, true), (frame.Opcode, frame.IsCompressed));
        Assert.True(frame.Payload.Length < text.Length / 2);
        Assert.Equal(text, Inflate(frame.Payload));
        Assert.Equal((1, 1), (_harness.Metrics.InflatedMessages.Value, _harness.Metrics.DeflatedMessages.Value));
    }

    [Fact]
    public async Task Short_texts_noise_and_binary_messages_are_sent_as_they_are()
    {
        ScriptedDevice device = await _harness.UpgradedAsync(Offer);
        await SendCompressedAsync(device, new string('a', 63));
        Assert.Equal(new string('a', 63), await device.ReceiveTextAsync());

        // 64 different letters have nothing that repeats.
        string different = string.Concat(Enumerable.Range(0, 64).Select(static i => (char)('0' + i)));
        await SendCompressedAsync(device, different);
        ReceivedFrame frame = await device.ReceiveFrameAsync();
        Assert.Equal(different, frame.IsCompressed ? Inflate(frame.Payload) : Encoding.UTF8.GetString(frame.Payload));

        await device.SendFrameAsync(Opcode.Binary, new byte[500]);
        ReceivedFrame sound = await device.ReceiveFrameAsync();
        Assert.Equal((Opcode.Binary, false), (sound.Opcode, sound.IsCompressed));
        await device.SendTextAsync("plain");
        Assert.Equal("plain", await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task Empty_message_and_fragments_with_control_frames_between()
    {
        ScriptedDevice device = await _harness.UpgradedAsync(Offer);
        await device.SendAsync(Frame(0xC1, [0x00]));
        Assert.Equal("", await device.ReceiveTextAsync());

        // "Hello" (RFC 7692 section 7.2.3.1).
        await device.SendAsync((byte[])[.. Frame(0x41, [0xF2, 0x48, 0xCD]), .. Frame(0x89, "p"u8), .. Frame(0x80, [0xC9, 0xC9, 0x07, 0x00])]);
        Assert.Equal(Opcode.Pong, (await device.ReceiveFrameAsync()).Opcode);
        Assert.Equal("Hello", await device.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("C1", "FFFF", 1007)]
    [InlineData("C1", "", 1007)]
    [InlineData("C1", "F248CDC9C9", 1007)]
    [InlineData("C1", "000100FEFFFF00", 1007)]
    [InlineData("C0", "00", 1002)]
    [InlineData("C9", "00", 1002)]
    [InlineData("A1", "00", 1002)]
    public async Task Violation_is_closed_with_its_status(string first, string payload, int status)
    {
        ScriptedDevice device = await _harness.UpgradedAsync(Offer);

        await device.SendAsync(Frame(Convert.FromHexString(first)[0], Convert.FromHexString(payload)));

        Assert.Equal(status, (int)await device.ReceiveCloseAsync());
        Assert.True(await device.ReceiveEndAsync());
    }

    [Fact]
    public async Task Compressed_message_without_negotiation_is_a_violation()
    {
        ScriptedDevice device = await _harness.UpgradedAsync("");

        await device.SendAsync(Frame(0xC1, [0x00]));

        Assert.Equal(CloseStatus.ProtocolError, await device.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Bomb_is_refused_at_the_limit_of_messages()
    {
        ScriptedDevice device = await _harness.UpgradedAsync(Offer);

        await SendCompressedAsync(device, new string('a', (256 * 1024) + 1));

        Assert.Equal(CloseStatus.MessageTooBig, await device.ReceiveCloseAsync());
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.MessageTooBig));
    }

    [Fact]
    public async Task Device_without_an_offer_gets_no_compressed_text()
    {
        ScriptedDevice device = await _harness.UpgradedAsync("");

        await device.SendTextAsync(new string('a', 1_000));

        Assert.Equal(new string('a', 1_000), await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task Connection_passes_to_the_next_server_at_every_byte_of_a_compressed_message()
    {
        byte[] sent = [.. Frame(0x41, [0xF2, 0x48, 0xCD]), .. Frame(0x80, [0xC9, 0xC9, 0x07, 0x00])];
        for (int offset = 0; offset <= sent.Length; offset++)
        {
            using var first = new ConnectionHarness(s_options);
            using var second = new ConnectionHarness(s_options);
            ScriptedDevice device = await first.UpgradedAsync(Offer);
            await device.SendAsync(sent.AsMemory(0, offset));

            device = await HandOverBench.PassAsync(first, second, device);
            await device.SendAsync(sent.AsMemory(offset));

            Assert.Equal("Hello", await device.ReceiveTextAsync());
            await SendCompressedAsync(device, new string('a', 500));
            Assert.True((await device.ReceiveFrameAsync()).IsCompressed);
        }
    }

    [Fact]
    public async Task Session_answers_a_compressed_hello()
    {
        using var harness = new ConnectionHarness(s_options with { Echo = false });
        ScriptedDevice device = await harness.UpgradedAsync(ScriptedDevice.DeviceHeaders + Offer);

        await SendCompressedAsync(device, """{"type":"hello","version":1}""");

        ReceivedFrame frame = await device.ReceiveFrameAsync();
        Assert.Contains("hello", frame.IsCompressed ? Inflate(frame.Payload) : Encoding.UTF8.GetString(frame.Payload), StringComparison.Ordinal);
    }

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(output, Opcode.Binary, fin: true, payload, maskKey: 0x01020304);
        byte[] frame = output.WrittenSpan.ToArray();
        frame[0] = first;
        return frame;
    }

    private static ValueTask<System.IO.Pipelines.FlushResult> SendCompressedAsync(ScriptedDevice device, string text)
    {
        byte[] message = Encoding.UTF8.GetBytes(text);
        byte[] payload = new byte[message.Length + 64];
        return device.SendAsync(Frame(0xC1, payload.AsSpan(0, Deflater.Deflate(message, payload, Deflater.MaxWindowBits))));
    }

    private static string Inflate(byte[] payload)
    {
        Assert.Equal(OperationStatus.Done, Inflater.Inflate(payload, 1 << 20, out byte[] buffer, out int length));
        string text = Encoding.UTF8.GetString(buffer, 0, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }
}
