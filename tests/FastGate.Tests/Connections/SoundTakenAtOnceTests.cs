using System.Buffers;
using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Flight;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Tests.Speech;
using FastGate.Transport.Input;
using Microsoft.Extensions.Logging.Abstractions;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Connections;

/// <summary>Single messages of sound that are taken without a pipe have the same effects as those that are read through one; everything else is read through it.</summary>
public sealed class SoundTakenAtOnceTests
{
    private static readonly byte[] s_packet = TestSound.Packets(TestSound.Voice(TestSound.FrameMs))[0];

    private readonly byte[] _output = new byte[64 * 1024];

    [Theory]
    [InlineData(1, AudioFraming.Raw)]
    [InlineData(2, AudioFraming.Version2)]
    [InlineData(3, AudioFraming.Version3)]
    public async Task Sound_of_a_device_that_listens_is_heard_without_an_answer(int version, AudioFraming framing)
    {
        using var harness = new ConnectionHarness();
        DeviceConnection connection = await ListeningAsync(harness, version);
        harness.Clock.Turn(TimeSpan.FromSeconds(3));
        long before = harness.Clock.NowMs;
        byte[] input = Frame(Message(framing, s_packet));
        byte[] sent = [.. input];

        Assert.Equal(0, Take(connection, input));

        Assert.Equal(sent, input);
        Assert.Equal(1, harness.Metrics.BinaryReceived.Value);
        Assert.Equal(1, harness.SessionMetrics.AudioFrames.Value);
        Assert.Equal(0, harness.SpeechMetrics.BadPackets.Value + harness.SpeechMetrics.UnheardPackets.Value);
        Assert.InRange(connection.LastInboundMs, before, harness.Clock.NowMs);
    }

    /// <summary>The bytes reach the recogniser: the device hears what it has said.</summary>
    [Fact]
    public async Task What_is_said_is_played_back()
    {
        using var harness = new ConnectionHarness(gateway: new GatewayOptions { Speech = new SpeechOptions { Vad = Vad } });
        ScriptedDevice device = await SpokenExchange.ListeningAsync(harness, Start);
        DeviceConnection connection = Assert.Single(harness.Connections());
        foreach (byte[] packet in (byte[][])[.. TestSound.Packets(TestSound.Voice(900)), .. TestSound.Packets(new short[8_000])])
        {
            Take(connection, Frame(packet));
        }

        Heard heard = await HearAsync(device);
        Assert.InRange(heard.Samples.Length, 16_000 * 3 / 4, 16_000 * 2);
    }

    [Fact]
    public async Task Other_input_has_no_effect_yet()
    {
        using var harness = new ConnectionHarness();
        DeviceConnection connection = await ListeningAsync(harness, version: 3);
        byte[] frame = Frame(Message(AudioFraming.Version3, s_packet));
        byte[][] inputs =
        [
            [.. frame, .. frame],
            [.. frame, frame[0]],
            Frame(Message(AudioFraming.Version3, """{"type":"ping"}"""u8.ToArray(), AudioFrameKind.Json)),
            Frame(s_packet),
            Frame(Message(AudioFraming.Version3, s_packet), Opcode.Text),
            Frame(Message(AudioFraming.Version3, s_packet), fin: false),
            Frame(Message(AudioFraming.Version3, s_packet), Opcode.Continuation),
            Frame(Message(AudioFraming.Version3, s_packet[..100]), Opcode.Ping),
            Frame(Message(AudioFraming.Version3, new byte[DeviceConnection.LargeMessage])),
            Compressed(frame),
            .. Enumerable.Range(1, frame.Length - 1).Select(length => frame[..length]),
        ];
        long before = connection.LastInboundMs;
        harness.Clock.Turn(TimeSpan.FromSeconds(3));
        foreach (byte[] input in inputs)
        {
            byte[] sent = [.. input];
            Assert.Equal(IInputHandler.NotTaken, Take(connection, input));
            Assert.Equal(sent, input);
        }

        Assert.Equal(0, harness.Metrics.BinaryReceived.Value + harness.SessionMetrics.AudioFrames.Value + harness.SessionMetrics.BadAudio.Value);
        Assert.Equal(before, connection.LastInboundMs);
        Assert.Equal(0, Take(connection, frame));
    }

    [Fact]
    public async Task Sound_is_read_without_an_ear_after_an_announced_framing_with_a_trace_and_under_a_small_limit()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();
        DeviceConnection connection = Assert.Single(harness.Connections());
        Assert.Equal(IInputHandler.NotTaken, Take(connection, Frame(s_packet)));
        await device.SendTextAsync("""{"type":"hello","version":3}""");
        await device.SendTextAsync(Start);
        Assert.Equal(IInputHandler.NotTaken, Take(connection, Frame(s_packet)));
        await device.SendAsync(Frame(s_packet));
        Assert.Equal(0, Take(connection, Frame(s_packet)));

        using var traced = new ConnectionHarness();
        connection = await ListeningAsync(traced, version: 1);
        traced.Recorder.Traces = new Traces(null, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(0, Take(connection, Frame(s_packet)));
        traced.Recorder.Traces.Begin("aa:01", null, TimeSpan.FromMinutes(1));
        Assert.Equal(IInputHandler.NotTaken, Take(connection, Frame(s_packet)));

        using var limited = new ConnectionHarness(new DeviceOptions { Limits = new DeviceLimits { Message = 100 } });
        connection = await ListeningAsync(limited, version: 1);
        Assert.Equal(IInputHandler.NotTaken, Take(connection, Frame(new byte[101])));
        Assert.Equal(0, Take(connection, Frame(new byte[100])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(1_024)]
    [InlineData(DeviceConnection.LargeMessage - 1)]
    public async Task Echo_returns_the_message(int length)
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true });
        await harness.UpgradedAsync();
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        var expected = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMessage(expected, Opcode.Binary, payload);

        int answer = Take(Assert.Single(harness.Connections()), Frame(payload));

        Assert.Equal(expected.WrittenSpan, _output.AsSpan(0, answer));
        Assert.Equal(1, harness.Metrics.BinaryReceived.Value);
    }

    [Fact]
    public async Task Large_echo_is_sent_from_where_it_is()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true });
        await harness.UpgradedAsync();

        Assert.Equal(IInputHandler.NotTaken, Take(Assert.Single(harness.Connections()), Frame(new byte[DeviceConnection.LargeMessage])));
    }

    [Fact]
    public async Task Sound_allocates_nothing()
    {
        using var harness = new ConnectionHarness();
        DeviceConnection connection = await ListeningAsync(harness, version: 1);
        byte[] input = Frame(s_packet);

        // The first packets create what is kept.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Take(connection, input);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(500, harness.SessionMetrics.AudioFrames.Value);
    }

    private static async Task<DeviceConnection> ListeningAsync(ConnectionHarness harness, int version)
    {
        ScriptedDevice device = await harness.UpgradedAsync(
            string.Create(CultureInfo.InvariantCulture, $"{ScriptedDevice.DeviceHeaders}Protocol-Version: {version}\r\n"));
        await device.SendTextAsync(Start);
        return Assert.Single(harness.Connections());
    }

    private int Take(DeviceConnection connection, byte[] input) => ((IInputHandler)connection).TryAnswer(input, _output, Environment.TickCount64);

    private static byte[] Message(AudioFraming framing, byte[] payload, AudioFrameKind kind = AudioFrameKind.Opus)
    {
        var message = new ArrayBufferWriter<byte>();
        AudioFrameWriter.Write(message, framing, payload, kind);
        return message.WrittenSpan.ToArray();
    }

    private static byte[] Frame(byte[] payload, Opcode opcode = Opcode.Binary, bool fin = true)
    {
        var input = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(input, opcode, fin, payload, maskKey: 0x01020304);
        return input.WrittenSpan.ToArray();
    }

    /// <summary>With RSV1, which marks a compressed message.</summary>
    private static byte[] Compressed(byte[] frame) => [(byte)(frame[0] | 0x40), .. frame[1..]];
}
