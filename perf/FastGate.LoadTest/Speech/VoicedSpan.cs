namespace FastGate.LoadTest.Speech;

/// <summary>The samples from the first to the last stretch of 20 ms that is louder than silence.</summary>
/// <param name="Begin">The first sample.</param>
/// <param name="End">The sample after the last.</param>
internal readonly record struct VoicedSpan(int Begin, int End)
{
    /// <summary>The level that separates words from silence, below full scale: quieter than any vowel and louder than what Opus makes of silence.</summary>
    public const double ThresholdDb = -40;

    private const int Stretch = SpeechSource.SampleRate / 50;

    public int Length => End - Begin;

    public static VoicedSpan Find(ReadOnlySpan<short> samples, double thresholdDb = ThresholdDb)
    {
        int begin = samples.Length;
        int end = 0;
        for (int at = 0; at + Stretch <= samples.Length; at += Stretch)
        {
            if (LevelDb(samples.Slice(at, Stretch)) > thresholdDb)
            {
                begin = Math.Min(begin, at);
                end = at + Stretch;
            }
        }

        return end == 0 ? default : new VoicedSpan(begin, end);
    }

    /// <summary>Root mean square in decibels below full scale.</summary>
    public static double LevelDb(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (short sample in samples)
        {
            sum += (double)sample * sample;
        }

        return 10 * Math.Log10((sum / Math.Max(1, samples.Length) / (32_768.0 * 32_768)) + 1e-12);
    }
}
