using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using Concentus;
using Concentus.Enums;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using NAudio.Dsp;

namespace FastGate.LoadTest.Speech;

/// <summary>The sentences that devices speak: made by the program espeak-ng at the start of the run and encoded once, as the firmware encodes.</summary>
internal static class SpeechSource
{
    public const int SampleRate = 16_000;
    public const int FrameMs = OpusFrames.MillisecondsPerFrame;
    public const int FrameSamples = SampleRate * FrameMs / 1000;
    public const int TrailingMs = 2_400;
    private const int LeadingMs = 480;
    private const string Program = "espeak-ng";

    private static readonly (string Voice, int Speed, string Words)[] s_lines =
    [
        ("en-us", 165, "Hello, what is the weather like today?"),
        ("en-gb", 150, "Please turn the volume of the radio up."),
        ("en-us+f3", 175, "Tell me a short story about a small machine."),
        ("en-gb+m7", 160, "Wake me up at seven tomorrow morning."),
        ("en-us+m3", 155, "Which mountain is the tallest on earth?"),
        ("en-gb+f2", 170, "Good night, switch the light off now."),
    ];

    private static readonly ConcurrentDictionary<double, SpokenSentence[]> s_made = new();

    /// <summary>The sentences, with noise this many decibels below the words; infinity is no noise.</summary>
    /// <exception cref="LoadFailedException">espeak-ng does not run.</exception>
    public static SpokenSentence[] Sentences(double noiseDb) => s_made.GetOrAdd(noiseDb, static noise => [.. s_lines.Select(line => Make(line.Voice, line.Speed, line.Words, noise))]);

    /// <summary>Encodes samples as the firmware does: 16 kHz, 60 ms, complexity 0, variable rate, silence in tiny packets.</summary>
    public static byte[][] Encode(ReadOnlySpan<short> samples)
    {
        using IOpusEncoder encoder = OpusCodecFactory.CreateEncoder(SampleRate, 1, OpusApplication.OPUS_APPLICATION_AUDIO);
        encoder.Complexity = 0;
        encoder.UseVBR = true;
        encoder.UseDTX = true;
        byte[] packet = new byte[1276];
        byte[][] packets = new byte[samples.Length / FrameSamples][];
        for (int i = 0; i < packets.Length; i++)
        {
            int length = encoder.Encode(samples.Slice(i * FrameSamples, FrameSamples), FrameSamples, packet, packet.Length);
            packets[i] = packet[..length];
        }

        return packets;
    }

    public static short[] Decode(IEnumerable<byte[]> packets)
    {
        using IOpusDecoder decoder = OpusCodecFactory.CreateDecoder(SampleRate, 1);
        short[] frame = new short[SampleRate * 120 / 1000];
        List<short> samples = [];
        foreach (byte[] packet in packets)
        {
            samples.AddRange(frame.AsSpan(0, decoder.Decode(packet, frame, frame.Length, decode_fec: false)));
        }

        return [.. samples];
    }

    private static SpokenSentence Make(string voice, int speed, string words, double noiseDb)
    {
        short[] spoken = Speak(voice, speed, words);
        int length = (LeadingMs * SampleRate / 1000) + spoken.Length + (TrailingMs * SampleRate / 1000);
        short[] samples = new short[(length + FrameSamples - 1) / FrameSamples * FrameSamples];
        spoken.CopyTo(samples, LeadingMs * SampleRate / 1000);
        var voiced = VoicedSpan.Find(samples);
        AddNoise(samples, VoicedSpan.LevelDb(samples.AsSpan(voiced.Begin, voiced.Length)) - noiseDb);
        return new SpokenSentence { Samples = samples, Packets = Encode(samples), Voiced = voiced };
    }

    /// <summary>Noise like that of a room: more at low frequencies than at high ones. The same for the same level.</summary>
    private static void AddNoise(short[] samples, double levelDb)
    {
        if (double.IsInfinity(levelDb))
        {
            return;
        }

        var random = new Random(1);
        double state = 0;
        double[] noise = [.. samples.Select(_ => state = (0.9 * state) + random.NextDouble() - 0.5)];
        double power = noise.Average(static value => value * value);
        double gain = Math.Pow(10, levelDb / 20) * 32_768 / Math.Sqrt(power);
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)Math.Clamp(samples[i] + (noise[i] * gain), short.MinValue, short.MaxValue);
        }
    }

    private static short[] Speak(string voice, int speed, string words)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(Program, ["-v", voice, "-s", $"{speed}", "--stdout", words]) { RedirectStandardOutput = true })!;
            using MemoryStream wav = new();
            process.StandardOutput.BaseStream.CopyTo(wav);
            process.WaitForExit();
            return process.ExitCode == 0 ? ReadWav(wav.ToArray()) : throw new LoadFailedException($"{Program} ended with status {process.ExitCode}.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new LoadFailedException($"The devices' speech is made by the program {Program}, which does not run: {exception.Message}");
        }
    }

    /// <summary>The program writes a header of 44 bytes and 16-bit mono.</summary>
    private static short[] ReadWav(byte[] wav)
    {
        const int Header = 44;
        int rate = BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24));
        int count = (wav.Length - Header) / sizeof(short);
        float[] output = new float[(int)((long)count * SampleRate / rate) + 64];
        var resampler = new WdlResampler();
        resampler.SetMode(interp: true, filtercnt: 2, sinc: false);
        resampler.SetFilterParms();
        resampler.SetFeedMode(true);
        resampler.SetRates(rate, SampleRate);
        int taken = Math.Min(count, resampler.ResamplePrepare(count, 1, out Span<float> input));
        for (int i = 0; i < taken; i++)
        {
            input[i] = BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(Header + (i * sizeof(short)))) / 32_768f;
        }

        int made = resampler.ResampleOut(output, taken, output.Length, 1);
        return [.. output.Take(made).Select(static value => (short)Math.Clamp(value * 32_767f, short.MinValue, short.MaxValue))];
    }
}
