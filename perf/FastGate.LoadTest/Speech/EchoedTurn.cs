namespace FastGate.LoadTest.Speech;

/// <summary>What came back of a sentence, compared with what was sent.</summary>
/// <param name="SpanDifferenceMs">Length of the words that came back minus that of the words that were sent.</param>
/// <param name="LastWordDb">Level of the last 300 ms of the words that came back minus the level of those that were sent.</param>
internal readonly record struct EchoedTurn(double SpanDifferenceMs, double LastWordDb)
{
    private const int LastWord = SpeechSource.SampleRate * 300 / 1000;
    private const double MostShorterMs = 120;
    private const double MostQuieterDb = 6;

    /// <summary>A word is missing at an end when what came back is shorter or its end is quieter. Coding twice changes less.</summary>
    public bool LacksLastWord => SpanDifferenceMs < -MostShorterMs || LastWordDb < -MostQuieterDb;

    public static EchoedTurn Compare(SpokenSentence sent, IEnumerable<byte[]> received)
    {
        short[] samples = SpeechSource.Decode(received);
        var voiced = VoicedSpan.Find(samples);
        return voiced.Length == 0 ? new EchoedTurn(-sent.Voiced.Length * 1000.0 / SpeechSource.SampleRate, -100) : new EchoedTurn(
            (voiced.Length - sent.Voiced.Length) * 1000.0 / SpeechSource.SampleRate,
            LastWordLevel(samples, voiced) - LastWordLevel(sent.Samples, sent.Voiced));
    }

    private static double LastWordLevel(ReadOnlySpan<short> samples, VoicedSpan voiced)
    {
        int begin = Math.Max(voiced.Begin, voiced.End - LastWord);
        return VoicedSpan.LevelDb(samples[begin..voiced.End]);
    }
}
