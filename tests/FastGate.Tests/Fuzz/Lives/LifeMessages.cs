using System.Buffers;
using System.Text;
using FastGate.Protocol.Deflate;
using FastGate.Protocol.Framing;
using FastGate.Tests.Speech;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>What the clients of a life send after their request: mostly valid messages of devices, and also broken ones, broken frames and noise.</summary>
internal sealed class LifeMessages(LifePlan plan, Random random)
{
    /// <summary>Begins every utterance; each is said once in a life.</summary>
    public const char Mark = '#';

    private const uint MaskKey = 0x01020304;

    private const string Manual = """{"type":"listen","state":"start","mode":"manual"}""";
    private const string Stop = """{"type":"listen","state":"stop"}""";

    private static readonly string[] s_texts =
    [
        """{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000}}""",
        """{"type":"hello","version":3,"features":{"mcp":true,"emotion":false}}""",
        """{"type":"ping"}""",
        """{"type":"ping"}""",
        """{"type":"listen","state":"detect","text":"你好小智"}""",
        """{"type":"listen","state":"detect","text":"再见"}""",
        """{"type":"listen","state":"start","mode":"auto"}""",
        Manual,
        """{"type":"listen","state":"start","mode":"realtime"}""",
        Stop,
        """{"type":"abort","reason":"wake_word_detected"}""",
        """{"type":"mcp","payload":{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-11-05"}}}""",
        """{"type":"mcp","payload":{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"self.light","inputSchema":{"type":"object"}}]}}}""",
        """{"type":"mcp","payload":{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"on"}]}}}""",
        """{"type":"mcp","payload":{"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"no"}}}""",
        """{"type":"iot","states":[]}""",
        """{"type":"goodbye"}""",
        """{"type":"server","action":"restart","content":{"secret":"wrong"}}""",
        """{"type":"keepalive"}""",
        """{"type":"unknown"}""",
        """{"type":"listen","state":""",
        "[1]",
    ];

    private static readonly List<byte[]> s_voice = TestSound.Packets(TestSound.Voice(600));

    private int _utterances;

    public byte[] Next()
    {
        if (!plan.IsHostile)
        {
            return NextValid();
        }

        byte[] bytes = random.Next(20) switch
        {
            0 => Noise(random.Next(1, 400)),
            1 => Frame(Opcode.Binary, Noise(random.Next(random.Next(4) == 0 ? 40_000 : 300)), random.Next(4) > 0),
            2 => Frame((Opcode)random.Next(16), Noise(random.Next(120)), random.Next(3) > 0),
            3 => Fragments(Encoding.UTF8.GetBytes(Text())),
            4 => Frame(random.Next(2) == 0 ? Opcode.Ping : Opcode.Pong, Noise(random.Next(126)), fin: true),
            5 => Close(),
            6 when plan.HasDeflate => Compressed(Noise(random.Next(300))),
            _ => NextValid(),
        };
        return Damaged(bytes);
    }

    /// <summary>Rarely with other bits, or without its end, if the clients of the life are hostile.</summary>
    public byte[] Damaged(byte[] bytes)
    {
        if (!plan.IsHostile)
        {
            return bytes;
        }

        if (random.Next(30) == 0 && bytes.Length > 0)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(30) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }

    private byte[] NextValid() => random.Next(16) switch
    {
        0 or 1 => Pings(),
        2 => Voice(),
        3 when plan.HasDeflate => Compressed(null),
        4 or 5 or 6 when plan.HasSpeech => [.. TextFrame(Manual), .. Voice(), .. TextFrame(Stop)],
        7 => Fragments(Encoding.UTF8.GetBytes(Text())),
        < 12 => TextFrame(Utterance()),
        _ => TextFrame(Text()),
    };

    private string Text() => random.Next(4) == 0 ? Utterance() : s_texts[random.Next(s_texts.Length)];

    private string Utterance()
    {
        // The number twice: with another bit, an utterance must not become another one.
        int number = _utterances++;
        string words = $"{Mark}{number} {number}{(random.Next(10) == 0 ? new string('长', random.Next(5_000)) : "")}";
        return $$"""{"type":"listen","state":"detect","text":"{{words}}"}""";
    }

    private byte[] Voice()
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (byte[] packet in s_voice.Take(random.Next(1, s_voice.Count + 1)))
        {
            FrameWriter.WriteMaskedFrame(output, Opcode.Binary, fin: true, packet, MaskKey);
        }

        return output.WrittenSpan.ToArray();
    }

    private byte[] Pings() => [.. Enumerable.Repeat(TextFrame("""{"type":"ping"}"""), random.Next(1, 30)).SelectMany(static ping => ping)];

    private byte[] Close()
    {
        byte[] payload = random.Next(3) switch
        {
            0 => [],
            1 => [0x03, 0xE8],
            _ => Noise(random.Next(20)),
        };
        return Frame(Opcode.Close, payload, fin: true);
    }

    /// <summary>One message in frames of different lengths, with pings between them.</summary>
    private byte[] Fragments(byte[] payload)
    {
        var output = new ArrayBufferWriter<byte>();
        Opcode opcode = Opcode.Text;
        for (int at = 0; at < payload.Length;)
        {
            int length = Math.Min(random.Next(0, 80), payload.Length - at);
            FrameWriter.WriteMaskedFrame(output, opcode, fin: at + length == payload.Length, payload.AsSpan(at, length), MaskKey);
            opcode = Opcode.Continuation;
            at += length;
            if (random.Next(4) == 0)
            {
                FrameWriter.WriteMaskedFrame(output, Opcode.Ping, fin: true, [1], MaskKey);
            }
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>RSV1 is set in the first frame.</summary>
    private byte[] Compressed(byte[]? noise)
    {
        byte[] text = Encoding.UTF8.GetBytes(Utterance() + new string(' ', 200));
        byte[] payload = new byte[text.Length];
        int length = Deflater.Deflate(text, payload, Deflater.MaxWindowBits);
        byte[] frame = Frame(Opcode.Text, noise ?? payload[..length], fin: true);
        frame[0] |= 0x40;
        return frame;
    }

    private byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] TextFrame(string text) => Frame(Opcode.Text, Encoding.UTF8.GetBytes(text), fin: true);

    private static byte[] Frame(Opcode opcode, byte[] payload, bool fin)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(output, opcode, fin, payload, MaskKey);
        return output.WrittenSpan.ToArray();
    }
}
