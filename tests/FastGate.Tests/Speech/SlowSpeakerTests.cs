using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Speech;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Speech;

/// <summary>A device that does not read: it loses its own frames, and no other device waits for it.</summary>
public sealed class SlowSpeakerTests
{
    private const string Text1 = """{"type":"listen","state":"detect","text":"hello"}""";
    private const int SmallPipe = 512;
    private const int SmallQueue = 4_096;

    /// <summary>Frames of two seconds of sound.</summary>
    private const int Frames = 34;

    /// <summary>The device reads again after everything has been sent: what is late is dropped first, the end of the turn arrives.</summary>
    [Fact]
    public async Task Late_frames_of_a_device_that_reads_again_are_dropped_and_counted()
    {
        using ConnectionHarness harness = Speaking(new DeviceLimits());
        ScriptedDevice slow = await UnreadAsync(harness);
        ScriptedDevice other = await harness.UpgradedAsync("Device-Id: 00:00:00:00:00:01\r\n");
        await slow.SendTextAsync(Text1);
        await other.SendTextAsync(Text1);

        // The other device gets everything meanwhile.
        Assert.Equal(Frames * 60 * 16, (await HearAsync(other)).Samples.Length);
        await Eventually.TrueAsync(() => harness.SpeechMetrics.FramesSent.Value == 2 * Frames, "all frames are queued");
        Assert.Equal(0, harness.SpeechMetrics.FramesDropped.Value);

        harness.Clock.Turn(TimeSpan.FromSeconds(2));
        int received = 0;
        ReceivedFrame frame;
        do
        {
            frame = await slow.ReceiveFrameAsync();
            received += frame.Opcode == Opcode.Binary ? 1 : 0;
        }
        while (!Text(frame).Contains("\"stop\"", StringComparison.Ordinal));
        Assert.InRange(received, 1, Frames / 2);
        Assert.Equal(Frames - received, harness.SpeechMetrics.FramesDropped.Value);
    }

    /// <summary>Half of the queue is for frames; the device is closed by the write timeout, as one that only gets text.</summary>
    [Fact]
    public async Task A_device_that_never_reads_is_closed_by_the_write_timeout_and_holds_a_bounded_queue()
    {
        using ConnectionHarness harness = Speaking(new DeviceLimits { Outbound = SmallQueue });
        ScriptedDevice slow = await UnreadAsync(harness);
        await slow.SendTextAsync(Text1);
        await Eventually.TrueAsync(() => harness.SpeechMetrics.FramesSent.Value + harness.SpeechMetrics.FramesDropped.Value == Frames, "all frames were due");

        // A frame takes 96 bytes of the queue and its own.
        Assert.InRange(harness.SpeechMetrics.FramesSent.Value, 1, 7 + (SmallPipe / 64) + (SmallQueue / 2 / 100));
        Assert.True(harness.SpeechMetrics.FramesDropped.Value > 0);
        Assert.Equal(0, harness.Metrics.EndedBy(ConnectionEndReason.SlowReader));

        harness.Clock.Turn(TimeSpan.FromSeconds(11));
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.WriteTimeout));
    }

    /// <summary>The bound is for the sound of all devices: the refused one hears the busy line, and is heard when the others have stopped.</summary>
    [Theory]
    [InlineData(Start)]
    [InlineData(Realtime)]
    public async Task A_refused_device_hears_the_busy_line_and_is_heard_later(string listen)
    {
        using ConnectionHarness harness = Speaking(new DeviceLimits(), megabytes: 1);
        List<ScriptedDevice> others = [];
        while (harness.SpeechMetrics.Refused.Value == 0)
        {
            ScriptedDevice other = await harness.UpgradedAsync($"Device-Id: 00:00:00:00:00:{others.Count:x2}\r\n");
            others.Add(other);
            await other.SendTextAsync(Start);
            await other.SendTextAsync("""{"type":"ping"}""");
            await ReadUntilAsync(other, "pong");
        }

        ScriptedDevice device = await ListeningAsync(harness, listen);
        Heard heard = await HearAsync(device);
        Assert.Equal($"llm, tts start, {new SessionOptions().BusyText}, sound, tts stop", heard.Order);
        Assert.Equal(2, harness.SpeechMetrics.Refused.Value);

        foreach (ScriptedDevice other in others)
        {
            await other.SendTextAsync("""{"type":"listen","state":"detect"}""");
        }

        await Eventually.TrueAsync(() => harness.Speech.MemoryInUse == 0, "the others have stopped");
        if (listen == Start)
        {
            await device.SendTextAsync(Start);
        }

        await SayAsync(device);
        Assert.Equal("stt hello, llm, tts start, Yes., sound, tts stop", (await HearAsync(device)).Order);
        Assert.Equal(2, harness.SpeechMetrics.Refused.Value);
    }

    private static ConnectionHarness Speaking(DeviceLimits limits, int megabytes = 64) => new(
        gateway: new GatewayOptions
        {
            Devices = new DeviceOptions { Limits = limits },
            Speech = new SpeechOptions { MemoryMegabytes = megabytes, Vad = SpokenExchange.Vad },
        },
        llm: new FakeChatClientFactory(_ => FakeChatClient.Saying("Yes.")),
        voices: new SpeechProviders(new FakeRecognizer("hello"), new FakeSynthesizer { Seconds = 1.95 }));

    /// <summary>A device that has read the handshake's reply and reads no more.</summary>
    private static async Task<ScriptedDevice> UnreadAsync(ConnectionHarness harness)
    {
        ScriptedDevice device = harness.ConnectUnread(SmallPipe);
        await device.UpgradeAsync();
        return device;
    }
}
