using FastGate.FunctionalTests.Server;
using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;

namespace FastGate.FunctionalTests.Speech;

/// <summary>Devices of every framing, sample rate and frame duration that speak to a server without any service: each hears what it said.</summary>
public sealed class ParrotTests
{
    private static readonly int[] s_rates = [16_000, 24_000, 48_000];
    private static readonly int[] s_durations = [20, 40, 60];

    [Theory]
    [InlineData(AudioFraming.Raw)]
    [InlineData(AudioFraming.Version2)]
    [InlineData(AudioFraming.Version3)]
    [InlineData(AudioFraming.MqttGateway)]
    public async Task A_device_hears_all_that_it_said(AudioFraming framing)
    {
        // A busy machine delays the devices' packets, which must not end an utterance.
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Speech:Vad:NoPacket=00:00:05");
        using AdminClient admin = new(gateway);
        List<Task> devices = [];
        foreach (OpusCodec codec in Codecs())
        {
            foreach (int rate in s_rates)
            {
                devices.AddRange(s_durations.Select(duration => AssertHearsItselfAsync(
                    gateway, new MicrophoneSettings { Framing = framing, SampleRate = rate, FrameMs = duration, Codec = codec })));
            }
        }

        var all = Task.WhenAll(devices);
        await all.ContinueWith(static _ => { }, TaskScheduler.Default);

        // First: what a device did not hear because packets or frames were dropped is explained by these.
        Assert.Equal(0, await admin.MetricAsync("fastgate_speech_packets_dropped_total", "full"));
        Assert.Equal(0, await admin.MetricAsync("fastgate_speech_packets_dropped_total", "invalid"));
        Assert.Equal(0, await admin.MetricAsync("fastgate_speech_frames_dropped_total"));
        await all;
        Assert.Contains("parrot", gateway.Log, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static List<OpusCodec> Codecs() => LibOpusCodec.TryLoad() is { } native ? [native, new ConcentusCodec()] : [new ConcentusCodec()];

    private static async Task AssertHearsItselfAsync(GatewayProcess gateway, MicrophoneSettings microphone)
    {
        using SpeakingDevice device = await SpeakingDevice.ConnectAsync(
            gateway, $"{microphone.Framing}-{microphone.SampleRate}-{microphone.FrameMs}-{microphone.Codec.Name}", microphone);
        await device.ListenAsync("auto");
        short[] said = Sound.Words(microphone.SampleRate, words: 3);
        Task<SpokenReply> hearing = device.HearAsync();
        await device.SpeakAsync([.. said, .. new short[microphone.SampleRate]]);
        SpokenReply reply = await hearing;

        Assert.Equal("tts start, tts sentence_start, sound, tts stop", reply.Order);
        AssertSame(microphone, said, reply.Samples);
        await device.AssertSilentAsync();
    }

    /// <summary>As many words as were said, as loud as they were said, the last one too.</summary>
    private static void AssertSame(MicrophoneSettings microphone, short[] said, short[] heard)
    {
        List<float> expected = Sound.LevelsOfWords(said, microphone.SampleRate);
        List<float> actual = Sound.LevelsOfWords(heard, SpeakingDevice.HeardRate);
        Assert.True(expected.Count == actual.Count, $"{microphone}: {expected.Count} words said, {actual.Count} heard: {string.Join(' ', actual)}");
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - 3, pair.First + 3));
    }
}
