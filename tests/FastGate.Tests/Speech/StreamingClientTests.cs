using FastGate.Configuration.Options;
using FastGate.Protocol.Framing;
using FastGate.Speech.Hearing;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Speech;

/// <summary>
/// Clients in browsers and telephones send <c>listen start</c> once and stream on, also during the answer; a board pauses and sends a new start.
/// </summary>
public sealed class StreamingClientTests : IDisposable
{
    private const string Start = """{"type":"listen","state":"start","mode":"auto"}""";
    private const string StartWithoutMode = """{"type":"listen","state":"start"}""";
    private const string Manual = """{"type":"listen","state":"start","mode":"manual"}""";
    private const string Stop = """{"type":"listen","state":"stop","mode":"auto"}""";
    private const string Greeting = """{"type":"listen","state":"detect","text":"嘿，你好呀"}""";
    private const string Abort = """{"type":"abort","reason":"wake_word_detected"}""";

    private readonly ManualTimeProvider _time = new();
    private readonly ConnectionHarness _harness;

    public StreamingClientTests() => _harness = new ConnectionHarness(
        gateway: new GatewayOptions { Speech = new SpeechOptions { Vad = SpokenExchange.Vad } },
        sessionTime: _time);

    public void Dispose() => _harness.Dispose();

    /// <summary>The second utterance has no start of its own.</summary>
    [Theory]
    [InlineData(null, Start)]
    [InlineData(null, StartWithoutMode)]
    [InlineData(Greeting, Start)]
    public async Task A_client_that_streams_on_is_heard_again(string? first, string start)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        if (first is not null)
        {
            await device.SendTextAsync(first);
            await ReadUntilStopAsync(device);
        }

        await device.SendTextAsync(start);
        await SayAsync(device);
        await StreamUntilStopAsync(device);
        await SayAsync(device);
        await StreamUntilStopAsync(device);
        Assert.Equal(2, _harness.SpeechMetrics.Utterances.Value);
    }

    /// <summary>The microphone stays on while a text is typed and while an answer is interrupted.</summary>
    [Theory]
    [InlineData("""{"type":"listen","mode":"manual","state":"detect","text":"typed"}""")]
    [InlineData("""{"type":"listen","state":"detect","text":"typed","source":"text"}""")]
    [InlineData(Abort)]
    public async Task A_client_that_streams_on_is_heard_after_it(string message)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(Start);
        await SayAsync(device);
        await StreamUntilStopAsync(device);
        await StreamAsync(device, new short[VoiceStream.SampleRate / 10]);
        await device.SendTextAsync(message);
        await StreamUntilStopAsync(device);
        await SayAsync(device);
        await StreamUntilStopAsync(device);
        Assert.Equal(2, _harness.SpeechMetrics.Utterances.Value);
    }

    /// <summary>What comes then is a wake word, or nothing that the device asked to be heard.</summary>
    [Theory]
    [InlineData(Start, null, 2_100)]
    [InlineData(Start, Stop, 0)]
    [InlineData(Manual, null, 0)]
    public async Task A_device_that_pauses_or_stops_is_not_heard_before_its_next_start(string start, string? after, int pauseMs)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(start);
        await SayAsync(device);
        if (start == Manual)
        {
            await device.SendTextAsync(Stop);
        }

        await ReadUntilStopAsync(device);
        if (after is not null)
        {
            await device.SendTextAsync(after);
        }

        _time.Turn(TimeSpan.FromMilliseconds(pauseMs));
        long unheard = _harness.SpeechMetrics.UnheardPackets.Value;
        int packets = await SayAsync(device);
        await device.SendTextAsync("""{"type":"ping"}""");
        await ReadUntilAsync(device, "pong");
        Assert.Equal(unheard + packets, _harness.SpeechMetrics.UnheardPackets.Value);

        await device.SendTextAsync(start);
        await SayAsync(device);
        if (start == Manual)
        {
            await device.SendTextAsync(Stop);
        }

        await ReadUntilStopAsync(device);
        Assert.Equal(2, _harness.SpeechMetrics.Utterances.Value);
    }

    /// <summary>Words, then the silence that ends them. Returns the number of packets.</summary>
    private static async Task<int> SayAsync(ScriptedDevice device) =>
        await StreamAsync(device, TestSound.Voice(600)) + await StreamAsync(device, new short[VoiceStream.SampleRate / 2]);

    private static async Task<int> StreamAsync(ScriptedDevice device, short[] sound)
    {
        List<byte[]> packets = TestSound.Packets(sound);
        foreach (byte[] packet in packets)
        {
            await device.SendFrameAsync(Opcode.Binary, packet);
        }

        return packets.Count;
    }

    /// <summary>One packet of silence for each message from the gateway.</summary>
    private static async Task StreamUntilStopAsync(ScriptedDevice device)
    {
        byte[] silence = TestSound.Packets(new short[TestSound.SamplesPerFrame])[0];
        while (!await ReadAsync(device, "\"stop\""))
        {
            await device.SendFrameAsync(Opcode.Binary, silence);
        }
    }

    private static Task ReadUntilStopAsync(ScriptedDevice device) => ReadUntilAsync(device, "\"stop\"");

    private static async Task ReadUntilAsync(ScriptedDevice device, string text)
    {
        while (!await ReadAsync(device, text))
        {
        }
    }

    private static async Task<bool> ReadAsync(ScriptedDevice device, string text)
    {
        ReceivedFrame frame = await device.ReceiveFrameAsync();
        return frame.Opcode == Opcode.Text && System.Text.Encoding.UTF8.GetString(frame.Payload).Contains(text, StringComparison.Ordinal);
    }
}
