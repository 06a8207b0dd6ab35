using System.Buffers;
using System.Text;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>
/// A device that is handed over again and again receives the same bytes as one that stays: random messages, cut into frames and reads at random, with
/// hand-overs at random byte offsets.
/// </summary>
public sealed class HandOverPropertyTests
{
    /// <summary>The end of what a script causes; a reply is made by other threads.</summary>
    private const string Mark = "the end";

    private static readonly string[] s_messages =
    [
        """{"type":"ping"}""",
        """{"type":"keepalive"}""",
        """{"type":"hello","version":1}""",
        """{"type":"hello","version":3,"features":{"emotion":false}}""",
        """{"type":"hello","version":1,"features":{"consistent_sample_rate":true}}""",
        """{"type":"abort"}""",
        """{"type":"abort","reason":"wake_word_detected"}""",
        """{"type":"listen","state":"start","mode":"auto"}""",
        """{"type":"listen","state":"start","mode":"manual"}""",
        """{"type":"listen","state":"stop"}""",
        """{"type":"listen","state":"detect","text":"你好小智"}""",
        """{"type":"listen","state":"detect","text":"hey, how are you?"}""",
        """{"type":"listen","state":"detect","text":"  "}""",
        """{"type":"listen","state":"detect"}""",
        """{"type":"server","action":"restart","content":{"secret":"a guess"}}""",
        """{"type":"something new"}""",
        "not json",
        "日本語 😀",
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Device_receives_the_same_bytes_with_and_without_hand_overs(int seed)
    {
        byte[][] script = Script(new Random(seed));

        string stays = await RunAsync(script, cuts: null);
        string moves = await RunAsync(script, cuts: new Random(seed + 1_000));

        Assert.Equal(stays, moves);
    }

    private static byte[][] Script(Random random)
    {
        List<byte[]> parts = [];

        // A third wrong secret would end the connection.
        int guesses = 0;
        for (int left = random.Next(1, 12); left > 0; left--)
        {
            var part = new ArrayBufferWriter<byte>();
            string message = s_messages[random.Next(s_messages.Length)];
            if (message.Contains("secret", StringComparison.Ordinal) && ++guesses > 2)
            {
                continue;
            }

            Write(part, random, random.Next(8) == 0 ? Opcode.Binary : Opcode.Text, Encoding.UTF8.GetBytes(message));
            parts.Add(part.WrittenSpan.ToArray());
        }

        var last = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedMessage(last, Opcode.Ping, Encoding.ASCII.GetBytes(Mark), 0x01020304);
        parts.Add(last.WrittenSpan.ToArray());
        return [.. parts];
    }

    /// <summary>In fragments, with control frames between them.</summary>
    private static void Write(ArrayBufferWriter<byte> output, Random random, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        while (random.Next(3) == 0)
        {
            int length = random.Next(payload.Length + 1);
            FrameWriter.WriteMaskedFrame(output, opcode, fin: false, payload[..length], (uint)random.Next());
            payload = payload[length..];
            opcode = Opcode.Continuation;
            if (random.Next(2) == 0)
            {
                FrameWriter.WriteMaskedFrame(output, Opcode.Ping, fin: true, [(byte)random.Next()], (uint)random.Next());
            }
        }

        FrameWriter.WriteMaskedFrame(output, opcode, fin: true, payload, (uint)random.Next());
    }

    /// <summary>What the device receives, without the random id of its session. The next part is sent when a reply to the one before has ended.</summary>
    private static async Task<string> RunAsync(byte[][] script, Random? cuts)
    {
        var harness = new ConnectionHarness();
        try
        {
            ScriptedDevice device = await harness.UpgradedAsync();
            string session = harness.Connections().Single().Session!.SessionId.ToString();
            var received = new StringBuilder();
            foreach (byte[] part in script)
            {
                ReadOnlyMemory<byte> rest = part;
                while (cuts?.Next(2) == 0)
                {
                    int length = cuts.Next(rest.Length + 1);
                    bool isQuiet = cuts.Next(2) == 0;
                    if (isQuiet)
                    {
                        harness.Services.HandOver.BeginQuiet();
                    }

                    await device.SendAsync(rest[..length]);
                    rest = rest[length..];
                    (harness, device) = await MoveAsync(harness, device);
                }

                await device.SendAsync(rest);
                await ReceiveAsync(device, harness, received);
            }

            return received.Replace(session, "SESSION").ToString();
        }
        finally
        {
            harness.Dispose();
        }
    }

    private static async Task<(ConnectionHarness Harness, ScriptedDevice Device)> MoveAsync(ConnectionHarness from, ScriptedDevice device)
    {
        // A reply in progress would be cut.
        Assert.True(await from.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));
        ConnectionState state = Assert.Single(await HandOverBench.DetachAsync(from));
        var next = new ConnectionHarness();
        device = next.Adopt(device, state);
        from.Dispose();
        return (next, device);
    }

    /// <summary>Asks for a pong of its own when no turn is in progress, so that everything before it has arrived.</summary>
    private static async Task ReceiveAsync(ScriptedDevice device, ConnectionHarness harness, StringBuilder received)
    {
        Assert.True(await harness.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));
        await device.SendFrameAsync(Opcode.Ping, "sync"u8.ToArray());
        while (true)
        {
            ReceivedFrame frame = await device.ReceiveFrameAsync();
            string text = Encoding.UTF8.GetString(frame.Payload);
            if (frame.Opcode == Opcode.Pong && text == "sync")
            {
                return;
            }

            received.Append(frame.Opcode).Append(' ').Append(frame.Opcode == Opcode.Text ? text : Convert.ToHexString(frame.Payload)).Append('\n');
        }
    }
}
