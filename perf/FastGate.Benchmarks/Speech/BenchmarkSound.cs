using FastGate.Speech.Codec;

namespace FastGate.Benchmarks.Speech;

/// <summary>Sound like a voice: harmonics of 140 Hz, four syllables a second, some noise.</summary>
internal static class BenchmarkSound
{
    public const int FrameMs = 60;

    public static short[] Voice(int sampleRate, int seconds)
    {
        var random = new Random(1);
        short[] samples = new short[sampleRate * seconds];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / sampleRate;
            double sum = 0;
            for (int harmonic = 1; harmonic <= 20; harmonic++)
            {
                sum += Math.Sin(2 * Math.PI * 140 * harmonic * t) / harmonic;
            }

            samples[i] = (short)((5_000 * sum * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * t)))) + random.Next(-200, 200));
        }

        return samples;
    }

    /// <summary>The packets that a device would send.</summary>
    public static byte[][] Packets(OpusCodec codec, int sampleRate, int seconds)
    {
        using IOpusEncoder encoder = codec.CreateEncoder(sampleRate, new OpusSettings(24_000, 0));
        short[] samples = Voice(sampleRate, seconds);
        int frame = sampleRate * FrameMs / 1000;
        byte[] packet = new byte[IOpusEncoder.MaxPacket];
        return [.. Enumerable.Range(0, samples.Length / frame).Select(i => packet[..encoder.Encode(samples.AsSpan(i * frame, frame), packet)])];
    }
}
