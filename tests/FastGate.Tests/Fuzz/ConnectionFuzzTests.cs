using System.Globalization;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Fuzz;

/// <summary>
/// Whole connections on the in-memory transport with random bytes, cuts, resets, turns of the clock, kicks and answers of the model. However they go,
/// each ends once and with one reason, and everything that it held is returned. FASTGATE_FUZZ_ROUNDS and FASTGATE_FUZZ_SEED choose a longer run.
/// </summary>
public sealed class ConnectionFuzzTests
{
    private const int AtOnce = 6;
    private const int MostSteps = 24;

    private static readonly string[] s_ids = ["aa:bb:cc:00:00:01", "aa:bb:cc:00:00:02", "aa:bb:cc:00:00:03"];

    private static readonly string[] s_texts =
    [
        """{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""",
        """{"type":"ping"}""",
        """{"type":"listen","state":"detect","text":"你好"}""",
        """{"type":"listen","state":"start","mode":"auto"}""",
        """{"type":"listen","state":"stop"}""",
        """{"type":"abort","reason":"wake_word_detected"}""",
        """{"type":"mcp","payload":{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"self.x","inputSchema":{"type":"object"}}]}}}""",
        """{"type":"iot","states":[]}""",
        """{"type":"goodbye"}""",
        """{"type":"server","action":"restart","content":{"secret":"wrong"}}""",
    ];

    private static readonly DeviceOptions s_options = new()
    {
        Limits = new DeviceLimits { UnfinishedMessages = 100_000 },
        Timeouts = new DeviceTimeouts { Close = TimeSpan.FromMilliseconds(300) },
    };

    [Fact]
    public async Task Each_connection_ends_once_and_returns_everything()
    {
        int rounds = Setting("FASTGATE_FUZZ_ROUNDS", 40);
        int seed = Setting("FASTGATE_FUZZ_SEED", 1);
        for (int round = 0; round < rounds; round++)
        {
            await RunAsync(seed + round);
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        using var harness = new ConnectionHarness(s_options);
        List<InMemoryConnection> open = [];
        int opened = 0;
        for (int step = 0; step < AtOnce * MostSteps; step++)
        {
            if (open.Count < AtOnce)
            {
                harness.Connect(out InMemoryConnection connected);
                open.Add(connected);
                opened++;
            }

            InMemoryConnection connection = open[random.Next(open.Count)];
            switch (random.Next(12))
            {
                case 0:
                    connection.CloseFromPeer();
                    open.Remove(connection);
                    break;
                case 1:
                    connection.CloseFromPeer(new IOException("reset"));
                    open.Remove(connection);
                    break;
                case 2:
                    harness.Clock.Turn(TimeSpan.FromMilliseconds(random.Next(random.Next(2) == 0 ? 2_000 : 300_000)));
                    break;
                case 3 when harness.Connections() is { Count: > 0 } devices:
                    devices[random.Next(devices.Count)].RequestClose(ConnectionEndReason.Kicked);
                    break;
                default:
                    await SendAsync(connection, Next(random), random);
                    break;
            }
        }

        open.ForEach(static connection => connection.CloseFromPeer());
        await harness.EndAsync();
        string where = $"seed {seed}";
        await Eventually.TrueAsync(() => harness.Registry.Count == 0 && harness.Metrics.Open == 0, $"nothing is registered, {where}");
        ConnectionEndReason[] reasons = Enum.GetValues<ConnectionEndReason>();
        long ended = reasons.Sum(harness.Metrics.EndedBy);
        Assert.True(ended == opened, $"{where}: {opened} connections ended {ended} times");
        Assert.True(harness.Metrics.EndedBy(ConnectionEndReason.ServerError) == 0, $"{where}: a connection ended by an error of the server");
        Assert.True(harness.Services.Unfinished.Bytes == 0, $"{where}: {harness.Services.Unfinished.Bytes} bytes of unfinished messages");
    }

    /// <summary>A part of a device's life, whole or damaged.</summary>
    private static byte[] Next(Random random)
    {
        byte[] bytes = random.Next(8) switch
        {
            0 => Noise(random),
            1 or 2 => Encoding.Latin1.GetBytes(ScriptedDevice.Request(headers: $"Device-Id: {s_ids[random.Next(s_ids.Length)]}\r\n")),
            3 => Frame(Opcode.Binary, Noise(random), random.Next(4) > 0),
            4 => Frame((Opcode)random.Next(16), Noise(random)[..random.Next(1, 120)], random.Next(2) == 0),
            _ => Frame(Opcode.Text, Encoding.UTF8.GetBytes(s_texts[random.Next(s_texts.Length)]), random.Next(8) > 0),
        };
        if (random.Next(6) == 0)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(8) == 0 ? bytes[..random.Next(1, bytes.Length)] : bytes;
    }

    private static byte[] Noise(Random random)
    {
        byte[] bytes = new byte[random.Next(120, random.Next(10) == 0 ? 40_000 : 400)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Frame(Opcode opcode, byte[] payload, bool fin)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(output, opcode, fin, payload, maskKey: 0x01020304);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>In pieces, until the server has ended the connection.</summary>
    private static async Task SendAsync(InMemoryConnection connection, byte[] bytes, Random random)
    {
        try
        {
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(random.Next(1, random.Next(3) == 0 ? 8 : 50_000), bytes.Length - at);
                if ((await connection.PeerOutput.WriteAsync(bytes.AsMemory(at, length))).IsCompleted)
                {
                    return;
                }

                at += length;
            }
        }
        catch (InvalidOperationException)
        {
            // The server has aborted the connection, which completes the pipe.
        }
    }

    private static int Setting(string name, int absent) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? absent.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
