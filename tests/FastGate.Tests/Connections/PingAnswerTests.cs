using System.Buffers;
using System.Text;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>The answers to the pings of one read keep their place among the answers to other messages.</summary>
public sealed class PingAnswerTests : IDisposable
{
    private const string Pong = """{"type":"pong"}""";

    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(200)]
    public async Task Answers_of_one_read_keep_the_order_of_its_messages(int pings)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        var input = new ArrayBufferWriter<byte>();
        WritePings(input, pings);
        Write(input, Opcode.Ping, "p");
        WritePings(input, pings);
        Write(input, Opcode.Text, """{"type":"hello","version":1,"transport":"websocket"}""");
        WritePings(input, 1);

        // Reserved opcode.
        Write(input, (Opcode)3, "");
        await device.SendAsync(input.WrittenMemory);

        await ReceivePongsAsync(device, pings);
        Assert.Equal(Opcode.Pong, (await device.ReceiveFrameAsync()).Opcode);
        await ReceivePongsAsync(device, pings);
        Assert.Contains("\"type\":\"hello\"", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        await ReceivePongsAsync(device, 1);
        Assert.Equal(CloseStatus.ProtocolError, await device.ReceiveCloseAsync());
        Assert.Equal((2 * pings) + 2, _harness.Metrics.TextReceived.Value);
    }

    private static void WritePings(ArrayBufferWriter<byte> input, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Write(input, Opcode.Text, """{"type":"ping"}""");
        }
    }

    private static void Write(ArrayBufferWriter<byte> input, Opcode opcode, string payload) =>
        FrameWriter.WriteMaskedFrame(input, opcode, fin: true, Encoding.UTF8.GetBytes(payload), maskKey: 0x01020304);

    private static async Task ReceivePongsAsync(ScriptedDevice device, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(Pong, await device.ReceiveTextAsync());
        }
    }
}
