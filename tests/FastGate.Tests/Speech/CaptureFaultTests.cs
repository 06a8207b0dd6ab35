using FastGate.Configuration.Options;
using FastGate.Sessions;
using FastGate.Speech;
using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Speech;

/// <summary>
/// A device whose decoder or recogniser fails hears the error line and then is heard again without a new <c>listen start</c>. The client streams on,
/// so that this holds in both modes.
/// </summary>
public sealed class CaptureFaultTests
{
    private const string Answer = "stt 天气, llm, tts start, You said 天气., sound, tts stop";

    private static readonly string s_errorLine = new SessionOptions().SystemErrorResponse;

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(Start, 1, 0)]
    [InlineData(Realtime, 1, 0)]
    [InlineData(Start, 3, 2_000)]
    [InlineData(Realtime, 3, 2_000)]
    public async Task A_decoder_that_fails_does_not_leave_the_device_deaf(string listen, int failures, int pauseMs)
    {
        int decoders = 0;
        using ConnectionHarness harness = Conversing(new FakeRecognizer("天气"), () => ++decoders <= failures ? new BrokenDecoder() : OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate));
        ScriptedDevice device = await ListeningAsync(harness, listen);
        for (int i = 0; i < failures; i++)
        {
            // The last pause but one is over.
            _time.Turn(TimeSpan.FromMilliseconds(i < 2 ? 0 : 1_000));
            await SpeakAsync(device, TestSound.Voice(TestSound.FrameMs));
            await HearErrorAsync(device);
        }

        await AssertHeardAfterAsync(harness, device, pauseMs);
        Assert.Equal(failures, harness.SpeechMetrics.CaptureFaults.Value);
    }

    [Theory]
    [InlineData(Start)]
    [InlineData(Realtime)]
    public async Task A_recogniser_that_fails_again_and_again_is_asked_after_a_pause(string listen)
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer(null, null, "天气", null, "天气"), decoders: null);
        ScriptedDevice device = await ListeningAsync(harness, listen);
        await SayAsync(device);
        await HearErrorAsync(device);
        await SayAsync(device);
        await HearErrorAsync(device);
        await AssertHeardAfterAsync(harness, device, 1_000);

        // Words have ended the row of failures.
        await SayAsync(device);
        await HearErrorAsync(device);
        await AssertHeardAfterAsync(harness, device, 0);
    }

    [Theory]
    [InlineData(Start)]
    [InlineData(Realtime)]
    public async Task A_new_start_ends_the_pause(string listen)
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer(null, null, "天气"), decoders: null);
        ScriptedDevice device = await ListeningAsync(harness, listen);
        await SayAsync(device);
        await HearErrorAsync(device);
        await SayAsync(device);
        await HearErrorAsync(device);
        await device.SendTextAsync(listen);
        await AssertHeardAfterAsync(harness, device, 0);
    }

    [Fact]
    public void Pauses_grow_to_their_limit_and_end_with_words()
    {
        var sound = new DeviceSound();
        uint now = uint.MaxValue - 10_000;
        foreach (uint pause in (uint[])[0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000])
        {
            sound.Fail(now);
            Assert.Equal(pause > 0, sound.IsDeaf(now));
            Assert.Equal(pause > 0, sound.IsDeaf(now + pause - 1));
            now += pause;
            Assert.False(sound.IsDeaf(now));
        }

        sound.ForgetFailures();
        sound.Fail(now);
        Assert.False(sound.IsDeaf(now));
    }

    /// <summary>Nothing of the pause is heard; what is said after it is answered.</summary>
    private async Task AssertHeardAfterAsync(ConnectionHarness harness, ScriptedDevice device, int pauseMs)
    {
        if (pauseMs > 0)
        {
            _time.Turn(TimeSpan.FromMilliseconds(pauseMs - 1));
            long unheard = harness.SpeechMetrics.UnheardPackets.Value;
            await SpeakAsync(device, TestSound.Voice(600));
            await device.SendTextAsync("""{"type":"ping"}""");
            await ReadUntilAsync(device, "pong");
            Assert.Equal(unheard + (600 / TestSound.FrameMs), harness.SpeechMetrics.UnheardPackets.Value);
            _time.Turn(TimeSpan.FromMilliseconds(1));
        }

        await SayAsync(device);
        Assert.Equal(Answer, (await HearAsync(device)).Order);
    }

    private static async Task HearErrorAsync(ScriptedDevice device) => Assert.Equal($"llm, tts start, {s_errorLine}, sound, tts stop", (await HearAsync(device)).Order);

    private ConnectionHarness Conversing(ISpeechRecognizer recognizer, Func<IOpusDecoder>? decoders) => new(
        gateway: new GatewayOptions { Speech = new SpeechOptions { Vad = SpokenExchange.Vad } },
        llm: new FakeChatClientFactory(static _ => new FakeChatClient(static (messages, _) => SpokenTurnTests.ReplyAsync($"You said {messages[^1].Text}."))),
        voices: new SpeechProviders(recognizer, new FakeSynthesizer()),
        sessionTime: _time,
        decoders: decoders);
}
