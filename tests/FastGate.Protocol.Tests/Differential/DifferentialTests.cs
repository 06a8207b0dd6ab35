using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Tests.Framing;

namespace FastGate.Protocol.Tests.Differential;

/// <summary>Compares this library with the framework's WebSocket on the same bytes, in both directions, with random fragments and cuts.</summary>
public class DifferentialTests
{
    private static readonly string[] s_texts = ["", "a", "{\"type\":\"ping\"}", "你好🙂", new('x', 126), new('汉', 400), new('y', 66_000)];

    [Fact]
    public async Task Assembler_reads_what_the_framework_client_sends()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var stream = new ScriptedStream([], () => 1);
            using WebSocket client = FrameworkSocket.Create(stream, isServer: false);
            string expected = "";
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                (byte[] payload, bool text) = NextMessage(random);
                WebSocketMessageType type = text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                await SendInFragments(client, payload, type, random);
                expected += Line(text ? Opcode.Text : Opcode.Binary, payload);
            }

            await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "再见", CancellationToken.None);
            expected += "Close 1000 再见\n";
            Assert.Equal(expected, ReadWithAssembler(stream.Written, random));
        }
    }

    [Fact]
    public async Task Framework_client_reads_what_the_writer_sends()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var wire = new ArrayBufferWriter<byte>();
            string expected = "";
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                (byte[] payload, bool text) = NextMessage(random);
                FrameWriter.WriteMessage(wire, random.Next(2) == 0 ? Opcode.Ping : Opcode.Pong, payload.AsSpan(0, Math.Min(125, payload.Length)));
                FrameWriter.WriteMessage(wire, text ? Opcode.Text : Opcode.Binary, payload, NextFragmentLimit(random));
                expected += Line(text ? Opcode.Text : Opcode.Binary, payload);
            }

            FrameWriter.WriteClose(wire, CloseStatus.GoingAway, "停机"u8);
            expected += "Close 1001 停机\n";
            Assert.Equal(expected, await FrameworkSocket.ReadAll(wire.WrittenSpan.ToArray(), isServer: false, random));
        }
    }

    [Fact]
    public async Task Framework_server_and_assembler_read_what_the_masked_writer_sends()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var wire = new ArrayBufferWriter<byte>();
            string expected = "";
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                (byte[] payload, bool text) = NextMessage(random);
                uint key = (uint)random.NextInt64(uint.MaxValue);
                FrameWriter.WriteMaskedMessage(wire, text ? Opcode.Text : Opcode.Binary, payload, key, NextFragmentLimit(random));
                FrameWriter.WriteMaskedMessage(wire, Opcode.Ping, [1], key);
                expected += Line(text ? Opcode.Text : Opcode.Binary, payload);
            }

            FrameWriter.WriteMaskedClose(wire, (CloseStatus)3333, "end"u8, 5);
            expected += "Close 3333 end\n";
            byte[] bytes = wire.WrittenSpan.ToArray();
            Assert.Equal(expected, ReadWithAssembler(bytes, random));
            Assert.Equal(expected, await FrameworkSocket.ReadAll(bytes, isServer: true, random));
        }
    }

    /// <summary>
    /// The framework is more lenient than this library: what it refuses must be refused here too, and the messages read here must be the first
    /// messages read by the framework.
    /// </summary>
    [Fact]
    public async Task Assembler_is_at_least_as_strict_as_the_framework_on_damaged_input()
    {
        int refusedByBoth = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            byte[] wire = DamagedInput(random);
            string framework = await FrameworkSocket.ReadAll([.. wire], isServer: true, random);
            string own = ReadWithAssembler(wire, random);
            bool refused = own.EndsWith("refused", StringComparison.Ordinal);
            string delivered = refused ? own[..^"refused".Length] : own;
            if (!framework.StartsWith(delivered, StringComparison.Ordinal) || (!refused && framework != own))
            {
                Assert.Fail($"seed {seed}, {Convert.ToHexString(wire)}\nframework: {framework}\nown: {own}");
            }

            refusedByBoth += refused && framework.EndsWith("refused", StringComparison.Ordinal) ? 1 : 0;
        }

        // Enough inputs must be invalid, or the test proves nothing.
        Assert.InRange(refusedByBoth, 300, 3000);
    }

    private static byte[] DamagedInput(Random random)
    {
        var wire = new Wire();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            byte[] payload = Encoding.UTF8.GetBytes(s_texts[random.Next(s_texts.Length - 1)]);
            int cut = random.Next(payload.Length + 1);
            wire.Add(Opcode.Text, payload.AsSpan(0, cut), fin: false);
            if (random.Next(2) == 0)
            {
                wire.Add(Opcode.Ping, "p");
            }

            wire.Add(Opcode.Continuation, payload.AsSpan(cut));
        }

        byte[] bytes = wire.Add(Opcode.Close, [0x03, 0xE8]).Bytes;
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private static async Task SendInFragments(WebSocket socket, byte[] payload, WebSocketMessageType type, Random random)
    {
        int at = 0;
        while (true)
        {
            int size = Math.Min(payload.Length - at, random.Next(4) == 0 ? payload.Length : random.Next(0, 30_000));
            bool last = at + size == payload.Length;
            await socket.SendAsync(payload.AsMemory(at, size), type, last, CancellationToken.None);
            at += size;
            if (last)
            {
                return;
            }
        }
    }

    /// <summary>The output of the assembler in the form of <see cref="FrameworkSocket.ReadAll"/>.</summary>
    private static string ReadWithAssembler(byte[] wire, Random random)
    {
        var limits = new MessageLimits(1 << 20, 1 << 20, 10_000);
        var lines = new StringBuilder();
        var assembler = default(MessageAssembler);
        for (int at = 0; at < wire.Length;)
        {
            Span<byte> input = wire.AsSpan(at, Math.Min(wire.Length - at, random.Next(1, 3000))).ToArray();
            at += input.Length;
            OperationStatus status;
            while ((status = assembler.Read(ref input, limits, out AssembledMessage message)) == OperationStatus.Done)
            {
                if (message.Opcode == Opcode.Close)
                {
                    if (!ClosePayload.TryRead(message.Payload, out CloseStatus code, out ReadOnlySpan<byte> reason, out _))
                    {
                        return lines.Append("refused").ToString();
                    }

                    // The framework reports a close without a status as Normal.
                    code = code == CloseStatus.NoStatus ? CloseStatus.Normal : code;
                    lines.Append(CultureInfo.InvariantCulture, $"Close {(int)code} {Encoding.UTF8.GetString(reason)}\n");
                }
                else if (message.Opcode is Opcode.Text or Opcode.Binary)
                {
                    lines.Append(Line(message.Opcode, message.Payload));
                }
            }

            if (status == OperationStatus.InvalidData)
            {
                return lines.Append("refused").ToString();
            }
        }

        assembler.Dispose();
        return lines.ToString();
    }

    private static (byte[] Payload, bool Text) NextMessage(Random random)
    {
        if (random.Next(2) == 0)
        {
            return (Encoding.UTF8.GetBytes(s_texts[random.Next(s_texts.Length)]), true);
        }

        byte[] payload = new byte[random.Next(0, 70_000) >> random.Next(0, 12)];
        random.NextBytes(payload);
        return (payload, false);
    }

    private static int NextFragmentLimit(Random random) => random.Next(3) switch
    {
        0 => 0,
        1 => random.Next(100, 2000),
        _ => random.Next(20_000, 70_000),
    };

    private static string Line(Opcode opcode, ReadOnlySpan<byte> payload) => $"{opcode} {Convert.ToHexString(payload)}\n";
}
