using FastGate.Speech.Playing;

namespace FastGate.Tests.Speech;

public sealed class SoundResamplerTests
{
    public static TheoryData<int, int> Rates => new()
    {
        { 16_000, 24_000 }, { 22_050, 24_000 }, { 44_100, 24_000 }, { 48_000, 16_000 },
    };

    /// <summary>A tone keeps its frequency (half a percent), its level (linear interpolation takes up to 1.5 decibels) and its length (20 ms).</summary>
    [Theory]
    [MemberData(nameof(Rates))]
    public void A_tone_keeps_its_frequency_its_level_and_its_length(int from, int to)
    {
        foreach (double frequency in (double[])[200, 1_000, 3_000])
        {
            short[] made = Convert(Tone(from, frequency, seconds: 2), from, to, _ => int.MaxValue);
            Assert.InRange(made.Length, (2 * to) - (to / 50), (2 * to) + (to / 50));

            short[] middle = made[(to / 2)..(3 * to / 2)];
            int crossings = Enumerable.Range(1, middle.Length - 1).Count(i => middle[i - 1] < 0 && middle[i] >= 0);
            Assert.InRange(crossings, (frequency * 0.995) - 1, (frequency * 1.005) + 1);
            double level = Math.Sqrt(middle.Average(static sample => (double)sample * sample));
            Assert.InRange(20 * Math.Log10(level / (10_000 / Math.Sqrt(2))), -1.5, 0.5);
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Pieces_of_any_size_give_the_same_as_one_piece(int from, int to)
    {
        short[] tone = Tone(from, 440, seconds: 1);
        short[] whole = Convert(tone, from, to, static _ => int.MaxValue);
        var random = new Random(5);
        foreach (Func<int, int> size in (Func<int, int>[])[static _ => 1, static _ => 160, static _ => 997, _ => random.Next(1, 3_000)])
        {
            short[] pieces = Convert(tone, from, to, size);
            int both = Math.Min(whole.Length, pieces.Length);
            Assert.InRange(Math.Abs(whole.Length - pieces.Length), 0, 64);
            Assert.All(Enumerable.Range(0, both), i => Assert.InRange(pieces[i] - whole[i], -1, 1));
        }
    }

    private static short[] Tone(int rate, double frequency, int seconds) =>
        [.. Enumerable.Range(0, rate * seconds).Select(i => (short)(10_000 * Math.Sin(2 * Math.PI * frequency * i / rate)))];

    private static short[] Convert(short[] samples, int from, int to, Func<int, int> size)
    {
        var resampler = new SoundResampler(from, to);
        List<short> made = [];
        for (int at = 0; at < samples.Length;)
        {
            int count = Math.Min(size(at), samples.Length - at);
            made.AddRange(resampler.Convert(samples.AsSpan(at, count)));
            at += count;
        }

        return [.. made];
    }
}
