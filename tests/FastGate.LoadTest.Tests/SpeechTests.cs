using System.Text.Json.Nodes;
using FastGate.LoadTest.Speech;

namespace FastGate.LoadTest.Tests;

/// <summary>Devices that speak, against a server in parrot mode, and how their sound is compared. No result depends on speed.</summary>
public class SpeechTests(LoadFixture servers) : IClassFixture<LoadFixture>
{
    [EspeakTheory]
    [InlineData("auto")]
    [InlineData("manual")]
    [InlineData("realtime")]
    public async Task Every_sentence_comes_back_whole(string mode)
    {
        JsonNode run = await servers.HeldAsync($"speak --speech-mode {mode} --devices 3 --rate 0.4 --duration 7s --barge-in 0 --late-after 60s");
        JsonNode speech = run["speech"]!;
        Assert.InRange(LoadFixture.Load(run, "operations"), 3, 3);
        Assert.Equal(3, (long)run["latencies"]![0]!["count"]!);
        Assert.Equal(3, (int)speech["compared"]!);
        Assert.Equal(0, (int)speech["withoutLastWord"]!);
        Assert.Equal(0, (long)speech["framesMissing"]!);
        Assert.Equal(0, (long)speech["framesOutside"]!);
        Assert.Equal(0, (long)speech["cutShort"]!);
        Assert.Equal(1, (double)speech["inTimeShare"]!);
        Assert.InRange((long)speech["framesReceived"]!, 3 * 20, 3 * 120);
    }

    [EspeakFact]
    public async Task Interrupted_turns_measure_a_ping_and_the_silence()
    {
        JsonNode run = await servers.HeldAsync("speak --devices 3 --rate 0.4 --duration 7s --barge-in 0.99 --late-after 60s");
        long interrupted = (long)run["speech"]!["interrupted"]!;
        Assert.InRange(interrupted, 1, 3);
        Assert.Equal(interrupted, (long)run["latencies"]![2]!["count"]!);
        Assert.Equal(interrupted, (long)run["latencies"]![3]!["count"]!);
        Assert.Equal(0, (long)run["speech"]!["framesOutside"]!);
    }

    [EspeakFact]
    public async Task Rate_that_leaves_no_time_for_a_sentence_is_refused()
    {
        using StringWriter errors = new();
        Assert.Equal(2, await Commands.ScenarioCommands.Create(errors, errors).Parse("speak --devices 1 --rate 1").InvokeAsync());
        Assert.Contains("a sentence takes", errors.ToString(), StringComparison.Ordinal);
    }

    [EspeakFact]
    public void Sentences_have_silence_at_both_ends()
    {
        Assert.All(SpeechSource.Sentences(double.PositiveInfinity), static sentence =>
        {
            Assert.InRange(sentence.FirstVoiced, 6, 12);
            Assert.InRange(sentence.Packets.Length - sentence.LastVoiced, SpeechSource.TrailingMs / SpeechSource.FrameMs, 60);
            Assert.Equal(sentence.Samples.Length, sentence.Packets.Length * SpeechSource.FrameSamples);
        });
    }

    /// <summary>The codec alone must not look like a lost word, and a lost word must not look like the codec.</summary>
    [EspeakFact]
    public void Missing_words_are_noticed_at_either_end()
    {
        foreach (SpokenSentence sentence in SpeechSource.Sentences(double.PositiveInfinity))
        {
            Assert.False(EchoedTurn.Compare(sentence, SpeechSource.Encode(sentence.Samples)).LacksLastWord);
            Assert.True(EchoedTurn.Compare(sentence, sentence.Packets.Take(sentence.LastVoiced - 4)).LacksLastWord);
            Assert.True(EchoedTurn.Compare(sentence, sentence.Packets.Skip(sentence.FirstVoiced + 5)).LacksLastWord);
            Assert.True(EchoedTurn.Compare(sentence, []).LacksLastWord);
        }
    }

    [EspeakFact]
    public void Noise_has_the_wanted_distance_from_the_words()
    {
        SpokenSentence sentence = SpeechSource.Sentences(12)[0];
        double words = VoicedSpan.LevelDb(sentence.Samples.AsSpan(sentence.Voiced.Begin, sentence.Voiced.Length));
        double noise = VoicedSpan.LevelDb(sentence.Samples.AsSpan(sentence.Voiced.End));
        Assert.InRange(words - noise, 11, 13);
    }
}
