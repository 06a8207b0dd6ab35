using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

/// <summary>Sound for tests, at 16 kHz: what the detector takes for speech, silence and noise, and its packets.</summary>
internal static class TestSound
{
    public const int FrameMs = 60;
    public const int SamplesPerFrame = VoiceStream.SampleRate * FrameMs / 1000;

    /// <summary>A buzzing voice: harmonics of 140 Hz below 3 kHz, four syllables a second.</summary>
    public static short[] Voice(int ms, double level = 0.3)
    {
        short[] samples = new short[ms * VoiceStream.SampleRate / 1000];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / VoiceStream.SampleRate;
            double sum = 0;
            for (int harmonic = 1; harmonic <= 20; harmonic++)
            {
                sum += Math.Sin(2 * Math.PI * 140 * harmonic * t) / harmonic;
            }

            samples[i] = (short)(short.MaxValue * level * sum * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * t))) / 2);
        }

        return samples;
    }

    /// <summary>White noise at a level relative to full scale.</summary>
    public static short[] Noise(int ms, double level, int seed = 1)
    {
        var random = new Random(seed);
        short[] samples = new short[ms * VoiceStream.SampleRate / 1000];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)((random.NextDouble() - 0.5) * 2 * level * short.MaxValue);
        }

        return samples;
    }

    /// <summary>All samples of an utterance.</summary>
    public static short[] ToSamples(this Utterance utterance)
    {
        short[] samples = new short[utterance.Samples];
        Assert.Equal(samples.Length, utterance.Read(0, samples));
        return samples;
    }

    /// <summary>The packets of 60 ms that a device would send; a rest shorter than a packet is left out.</summary>
    public static List<byte[]> Packets(ReadOnlySpan<short> samples, OpusCodec? codec = null)
    {
        using IOpusEncoder encoder = (codec ?? OpusCodec.Best).CreateEncoder(VoiceStream.SampleRate, new OpusSettings(24_000, 0));
        byte[] packet = new byte[IOpusEncoder.MaxPacket];
        List<byte[]> packets = [];
        for (; samples.Length >= SamplesPerFrame; samples = samples[SamplesPerFrame..])
        {
            packets.Add(packet[..encoder.Encode(samples[..SamplesPerFrame], packet)]);
        }

        return packets;
    }
}
