using FastGate.Speech.Codec;
using FastGate.Speech.Playing;
using NAudio.Wave;
using NAudio.Wave.SampleProviders;

namespace FastGate.CommandLine.Simulation;

/// <summary>Sound as Opus frames of 60 ms at 16 kHz, as the firmware sends it. Encoded once, for all devices.</summary>
internal static class SimSound
{
    public const int SampleRate = 16_000;
    public const int FrameMs = 60;

    private const int FrameSamples = SampleRate * FrameMs / 1000;
    private const int MostSeconds = 120;

    /// <summary>A vowel-like sound: a low tone with overtones that swells four times a second, as syllables do.</summary>
    public static byte[][] Tone(double seconds)
    {
        short[] samples = new short[(int)(seconds * SampleRate)];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / SampleRate;
            double voice = Math.Sin(2 * Math.PI * 160 * t) + (0.5 * Math.Sin(2 * Math.PI * 320 * t)) + (0.3 * Math.Sin(2 * Math.PI * 640 * t)) + (0.2 * Math.Sin(2 * Math.PI * 1280 * t));
            samples[i] = (short)(voice * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * t))) * 7_000);
        }

        return Encode(samples);
    }

    /// <summary>A WAV file of any rate and number of channels, up to two minutes.</summary>
    public static byte[][] Wav(string path)
    {
        using var reader = new WaveFileReader(path);
        ISampleProvider provider = reader.ToSampleProvider();
        provider = provider.WaveFormat.Channels == 2 ? new StereoToMonoSampleProvider(provider) : provider;
        float[] sound = new float[provider.WaveFormat.SampleRate * MostSeconds];
        int count = 0;
        for (int read; count < sound.Length && (read = provider.Read(sound.AsSpan(count))) > 0;)
        {
            count += read;
        }

        short[] samples = [.. sound.Take(count).Select(static sample => (short)Math.Clamp(sample * short.MaxValue, short.MinValue, short.MaxValue))];
        return Encode(provider.WaveFormat.SampleRate == SampleRate ? samples : new SoundResampler(provider.WaveFormat.SampleRate, SampleRate).Convert(samples));
    }

    /// <summary>The last frame is filled with silence.</summary>
    private static byte[][] Encode(ReadOnlySpan<short> samples)
    {
        using IOpusEncoder encoder = OpusCodec.Best.CreateEncoder(SampleRate, new OpusSettings(Bitrate: 24_000, Complexity: 5));
        byte[] packet = new byte[IOpusEncoder.MaxPacket];
        short[] frame = new short[FrameSamples];
        List<byte[]> frames = [];
        for (int at = 0; at < samples.Length; at += FrameSamples)
        {
            Array.Clear(frame);
            samples[at..Math.Min(at + FrameSamples, samples.Length)].CopyTo(frame);
            frames.Add(packet[..encoder.Encode(frame, packet)]);
        }

        return [.. frames];
    }
}
