namespace FastGate.Speech.Hearing;

/// <summary>
/// Speech is louder than the noise of the room: compares the energy of a window with a floor that follows the quietest sound. The device's own
/// encoder is asked too; it has judged the same sound before it was compressed.
/// </summary>
internal sealed class EnergyDetector : IVoiceDetector
{
    /// <summary>Decibels above the floor at which speech is as likely as not.</summary>
    private const float MarginDb = 9;

    /// <summary>How many decibels more the encoder's "no voice" asks for.</summary>
    private const float EncoderDb = 6;

    /// <summary>Below this level nothing is speech; a full-scale sine is -3.</summary>
    private const float QuietestSpeechDb = -55;

    private const float LowestFloorDb = -70;

    /// <summary>The floor falls at once and rises by 3 dB a second, so that a long sentence does not become the noise.</summary>
    private const float RiseDbPerWindow = 0.1f;

    public void Detect(ReadOnlySpan<VoiceStream> streams)
    {
        foreach (VoiceStream stream in streams)
        {
            var floor = (Floor)(stream.Memory ??= new Floor());
            float level = LevelDb(stream.Samples);
            floor.Db = Math.Max(LowestFloorDb, Math.Min(level, floor.Db + RiseDbPerWindow));
            float margin = level - floor.Db - MarginDb - (stream.EncoderVoice == false ? EncoderDb : 0);
            stream.Probability = level < QuietestSpeechDb ? 0 : 1 / (1 + MathF.Exp(-margin / 2));
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Level relative to full scale.</summary>
    internal static float LevelDb(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (short sample in samples)
        {
            sum += (double)sample * sample;
        }

        double mean = sum / Math.Max(1, samples.Length) / ((double)short.MaxValue * short.MaxValue);
        return (float)(10 * Math.Log10(mean + 1e-10));
    }

    /// <summary>A new device has heard nothing: the floor starts at the level of a quiet room.</summary>
    private sealed class Floor
    {
        public float Db { get; set; } = -50;
    }
}
