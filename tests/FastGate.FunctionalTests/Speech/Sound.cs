using FastGate.Speech.Hearing;

namespace FastGate.FunctionalTests.Speech;

/// <summary>Artificial words: a buzzing voice with short pauses between them.</summary>
internal static class Sound
{
    private const int WordMs = 300;
    private const int PauseMs = 150;
    private const int StepMs = 10;
    private const float SilenceDb = -45;

    /// <summary>Words, each louder than the one before; no silence before or after them.</summary>
    public static short[] Words(int sampleRate, int words)
    {
        List<short> samples = [];
        for (int i = 0; i < words; i++)
        {
            samples.AddRange(i == 0 ? [] : new short[sampleRate * PauseMs / 1000]);
            samples.AddRange(Voice(sampleRate, WordMs, level: 0.08 * (i + 1)));
        }

        return [.. samples];
    }

    /// <summary>Harmonics of 140 Hz below 3 kHz.</summary>
    public static short[] Voice(int sampleRate, int ms, double level)
    {
        short[] samples = new short[sampleRate * ms / 1000];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / sampleRate;
            double sum = 0;
            for (int harmonic = 1; harmonic <= 20; harmonic++)
            {
                sum += Math.Sin(2 * Math.PI * 140 * harmonic * t) / harmonic;
            }

            samples[i] = (short)(short.MaxValue * level * sum);
        }

        return samples;
    }

    /// <summary>The level of each word in decibels relative to full scale: a word is what lies between two silences of half a pause.</summary>
    public static List<float> LevelsOfWords(short[] samples, int sampleRate)
    {
        int step = sampleRate * StepMs / 1000;
        List<float> levels = [];
        List<short> word = [];
        int silence = 0;
        for (int at = 0; at + step <= samples.Length; at += step)
        {
            ReadOnlySpan<short> piece = samples.AsSpan(at, step);
            silence = EnergyDetector.LevelDb(piece) > SilenceDb ? 0 : silence + StepMs;
            if (silence == 0)
            {
                word.AddRange(piece);
            }
            else if (silence >= PauseMs / 2)
            {
                End(word, levels, sampleRate);
            }
        }

        End(word, levels, sampleRate);
        return levels;
    }

    /// <summary>Shorter sound is the codec's noise.</summary>
    private static void End(List<short> word, List<float> levels, int sampleRate)
    {
        if (word.Count > sampleRate * WordMs / 3 / 1000)
        {
            levels.Add(EnergyDetector.LevelDb([.. word]));
        }

        word.Clear();
    }
}
