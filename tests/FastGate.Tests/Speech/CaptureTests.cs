using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Speech;
using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Speech;

/// <summary>Where utterances begin and end, with a turned clock: the capture is asked as a speech worker asks it, and the detector is the embedded one.</summary>
public sealed class CaptureTests : IDisposable
{
    private const int RoundMs = SpeechWorker.RoundMs;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SpeechMemory _memory = new(64 << 20);
    private readonly SpeechScratch _scratch = new(static () => OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate));
    private readonly EnergyDetector _detector = new();
    private readonly RecordingUtteranceHandler _handler = new();
    private readonly SpeechMetrics _metrics;
    private HearingClock _clock;
    private long _nowMs = 1_000_000;

    public CaptureTests() => _metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());

    public void Dispose()
    {
        _scratch.Dispose();
        _detector.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public void An_utterance_ends_after_the_silence_of_the_option(int silenceMs)
    {
        Capture capture = Listen(CaptureMode.One, new EndpointSettings { SilenceMs = silenceMs });
        Stream(capture, [.. new short[4_800], .. TestSound.Voice(900)]);
        Assert.Empty(_handler.Ended);
        Stream(capture, new short[silenceMs * 16 * 3 / 4]);
        Assert.Empty(_handler.Ended);
        Stream(capture, new short[silenceMs * 16]);
        Assert.Single(_handler.Ended);
    }

    [Fact]
    public void A_pause_shorter_than_the_silence_is_inside_the_utterance()
    {
        Capture capture = Listen(CaptureMode.Continuous);
        Stream(capture, [.. TestSound.Voice(600), .. new short[16 * 300], .. TestSound.Voice(600), .. new short[16 * 1_000]]);
        TimeSpan duration = Assert.Single(_handler.Ended).Duration;
        Assert.InRange(duration.TotalMilliseconds, 1_500, 2_200);
    }

    [Theory]
    [InlineData(nameof(CaptureMode.One), 1)]
    [InlineData(nameof(CaptureMode.Continuous), 3)]
    public void The_mode_says_how_many_utterances_there_are(string mode, int utterances)
    {
        Capture capture = Listen(Enum.Parse<CaptureMode>(mode));
        for (int i = 0; i < 3; i++)
        {
            Stream(capture, [.. TestSound.Voice(600), .. new short[16 * 900]]);
        }

        Assert.Equal(utterances, _handler.Ended.Count);
    }

    /// <summary>The button is released right after the last packet of a burst.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(100)]
    public void A_manual_utterance_holds_every_packet_before_the_stop(int packets)
    {
        Capture capture = Listen(CaptureMode.Whole);
        Put(capture, TestSound.Packets(TestSound.Voice(packets * TestSound.FrameMs)));
        capture.Finish();
        Turn(capture, 400);
        Assert.Equal(packets * TestSound.FrameMs, Assert.Single(_handler.Ended).Duration.TotalMilliseconds);
    }

    /// <summary>Silence does not end it, sound after the stop is not in it, and it is not longer than the bound.</summary>
    [Fact]
    public void A_manual_utterance_is_ended_by_the_stop_or_by_the_longest_duration()
    {
        Capture capture = Listen(CaptureMode.Whole, new EndpointSettings { MaxMs = 5_000 });
        Stream(capture, [.. TestSound.Voice(600), .. new short[16 * 2_000], .. TestSound.Voice(600)]);
        Assert.Empty(_handler.Ended);
        Stream(capture, TestSound.Voice(4_000));
        capture.Finish();
        Turn(capture, 100);
        Assert.InRange(Assert.Single(_handler.Ended).Duration.TotalMilliseconds, 5_000, 5_040);
    }

    /// <summary>A device whose encoder sends nothing during silence.</summary>
    [Fact]
    public void Without_packets_an_utterance_ends_by_the_clock()
    {
        Capture capture = Listen(CaptureMode.One, new EndpointSettings { NoPacketMs = 700 });
        Stream(capture, TestSound.Voice(900));
        Turn(capture, 600);
        Assert.Empty(_handler.Ended);
        Turn(capture, 200);
        Assert.Single(_handler.Ended);
    }

    /// <summary>The packets of the pause arrive after it.</summary>
    [Fact]
    public void A_pause_of_the_process_ends_no_utterance()
    {
        Capture capture = Listen(CaptureMode.One, new EndpointSettings { NoPacketMs = 700 });
        Stream(capture, TestSound.Voice(600));
        _nowMs += 60_000;
        Turn(capture, RoundMs);
        Stream(capture, TestSound.Voice(600));
        Assert.Empty(_handler.Ended);
        Turn(capture, 800);
        Assert.InRange(Assert.Single(_handler.Ended).Duration.TotalMilliseconds, 1_150, 2_000);
    }

    /// <summary>During silence an encoder with DTX sends one packet in 400 ms: 500 ms of it would take more than three seconds.</summary>
    [Fact]
    public void With_few_packets_an_utterance_ends_by_the_clock()
    {
        Capture capture = Listen(CaptureMode.One);
        Stream(capture, TestSound.Voice(900));
        byte[] silence = TestSound.Packets(new short[TestSound.SamplesPerFrame])[0];
        long began = _nowMs;
        while (_handler.Ended.Count == 0 && _nowMs - began < 10_000)
        {
            Put(capture, [silence]);
            Turn(capture, 400);
        }

        Assert.InRange(_nowMs - began, 500, 1_700);
    }

    /// <summary>Packets that say "nothing to send", at the usual rate.</summary>
    [Fact]
    public void Empty_frames_are_silence()
    {
        Capture capture = Listen(CaptureMode.One);
        Stream(capture, [.. TestSound.Voice(900), .. new short[16 * 240]]);
        byte[] empty = [(byte)(TestSound.Packets(TestSound.Voice(60))[0][0] & 0xFC)];
        Assert.True(OpusPacket.TryParse(empty, out OpusPacket parsed) && parsed.IsSilence);
        for (int i = 0; i < 15; i++)
        {
            Put(capture, [empty]);
            Turn(capture, TestSound.FrameMs);
        }

        Assert.Single(_handler.Ended);
    }

    [Fact]
    public void A_click_is_discarded_and_no_turn_is_interrupted()
    {
        Capture capture = Listen(CaptureMode.Continuous, new EndpointSettings { MinVoiceMs = 300 });
        Stream(capture, [.. new short[16 * 600], .. TestSound.Voice(110), .. new short[16 * 1_000]]);
        Assert.Equal((1, 1, 0, 0), (_handler.Started, _handler.Discarded, _handler.Spoken, _handler.Ended.Count));
        Assert.Equal(PacketRing.Size, _memory.Lent);
    }

    [Theory]
    [InlineData(0.002)]
    [InlineData(0.01)]
    public void Noise_of_the_room_is_no_utterance(double level)
    {
        Capture capture = Listen(CaptureMode.Continuous);
        Stream(capture, TestSound.Noise(8_000, level));
        Assert.Equal(0, _handler.Spoken);
        Assert.Empty(_handler.Ended);
    }

    /// <summary>The floor has to rise first.</summary>
    [Fact]
    public void Loud_noise_is_taken_for_speech_once_at_most()
    {
        Capture capture = Listen(CaptureMode.Continuous);
        Stream(capture, TestSound.Noise(20_000, 0.05));
        Assert.InRange(_handler.Started, 0, 1);
        Assert.Equal(_handler.Started, _handler.Ended.Count);
        Assert.All(_handler.Ended, static utterance => Assert.InRange(utterance.Duration.TotalSeconds, 0, 8));
    }

    [Fact]
    public void Speech_in_noise_is_found_and_ends()
    {
        Capture capture = Listen(CaptureMode.One);
        short[] sound = [.. new short[16 * 2_000], .. TestSound.Voice(1_000), .. new short[16 * 2_000]];
        short[] noise = TestSound.Noise(sound.Length / 16, 0.01);
        Stream(capture, [.. sound.Zip(noise, static (a, b) => (short)(a + b))]);
        Assert.InRange(Assert.Single(_handler.Ended).Duration.TotalMilliseconds, 1_300, 2_400);
    }

    /// <summary>A device opens its microphone when it has heard the wake word: the first packet may be speech already.</summary>
    [Fact]
    public void Speech_from_the_first_packet_on_is_whole()
    {
        Capture capture = Listen(CaptureMode.One);
        Stream(capture, [.. TestSound.Voice(900), .. new short[16 * 1_000]]);
        Utterance utterance = Assert.Single(_handler.Ended);
        Assert.InRange(EnergyDetector.LevelDb(utterance.ToSamples().AsSpan(0, 16 * 100)), -30, 0);
        Assert.InRange(utterance.Duration.TotalMilliseconds, 1_350, 1_500);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void Sound_before_the_first_voice_belongs_to_the_utterance(int preRollMs)
    {
        Capture capture = Listen(CaptureMode.One, new EndpointSettings { PreRollMs = preRollMs });
        Stream(capture, [.. new short[16 * 2_000], .. TestSound.Voice(900), .. new short[16 * 1_000]]);
        Assert.InRange(Assert.Single(_handler.Ended).Duration.TotalMilliseconds, 1_250 + (preRollMs / 2), 1_500 + preRollMs);
    }

    /// <summary>The memory of a device that is beyond the bound is free again, and it hears nothing more.</summary>
    [Fact]
    public void An_utterance_beyond_the_bound_of_memory_is_refused_once_and_released()
    {
        Capture capture = Listen(CaptureMode.Whole, memory: new SpeechMemory(200_000));
        Stream(capture, TestSound.Voice(10_000));
        capture.Finish();
        Turn(capture, 100);
        Assert.Equal((1, 1, 0), (_handler.Refused, _handler.Discarded, _handler.Ended.Count));
    }

    /// <summary>Words after 100 ms of silence, and what the capture reports of them; an empty report takes back the one before.</summary>
    [Theory]
    [InlineData("hello", "hello", "hello")]
    [InlineData("hello", "Hello.", "hello")]
    [InlineData("hello", "hello you", "hello||hello you")]
    [InlineData("hello", "hello you|hello you there", "hello||hello you|")]
    public void Partial_words_are_reported_in_silence_twice_at_most(string first, string later, string expected)
    {
        Capture capture = Listen(CaptureMode.One, new EndpointSettings { SilenceMs = 2_000 });
        Stream(capture, TestSound.Voice(900));
        _handler.Last!.Partial = new PartialWords(first, AfterMs: 100);
        Stream(capture, TestSound.Voice(300));
        Assert.Empty(_handler.Partials);
        Stream(capture, new short[16 * 400]);
        foreach (string words in later.Split('|'))
        {
            _handler.Last!.Partial = new PartialWords(words, AfterMs: 100);
            Stream(capture, new short[16 * 240]);
        }

        Assert.Equal(expected, string.Join('|', _handler.Partials));
    }

    private Capture Listen(CaptureMode mode, EndpointSettings? settings = null, SpeechMemory? memory = null) =>
        Capture.TryCreate(mode, _handler, settings ?? new EndpointSettings(), memory ?? _memory, _metrics)!;

    /// <summary>One packet in each frame time, as a microphone sends.</summary>
    private void Stream(Capture capture, short[] samples)
    {
        foreach (byte[] packet in TestSound.Packets(samples))
        {
            Put(capture, [packet]);
            Turn(capture, TestSound.FrameMs);
        }
    }

    private static void Put(Capture capture, List<byte[]> packets) => packets.ForEach(packet => capture.Put(packet));

    /// <summary>The rounds of a worker during this time.</summary>
    private void Turn(Capture capture, int ms)
    {
        for (int passed = 0; passed < ms; passed += RoundMs)
        {
            while (capture.TryFillWindow(_scratch, _clock.Read(_nowMs)))
            {
                _detector.Detect([capture.Stream]);
                capture.TakeWindow();
            }

            capture.EndRound(_clock.Read(_nowMs));
            _nowMs += RoundMs;
        }
    }
}
