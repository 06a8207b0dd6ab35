using System.Diagnostics.Metrics;
using System.Text;
using FastGate.Diagnostics;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Speech;

/// <summary>Which recognisers are asked, how often, and what they answer.</summary>
public sealed class SpeechProviderTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();
    private readonly SpeechMetrics _metrics;

    public SpeechProviderTests() => _metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());

    /// <summary>Settings, then the aliases in the order in which they are asked, or the key of the error.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("Asr:Providers:a:Type=openai", "a")]
    [InlineData("Asr:Providers:a:Type=openai;Asr:Providers:b:Type=funasr;Asr:Default=b", "b")]
    [InlineData("Asr:Providers:a:Type=openai;Asr:Providers:b:Type=funasr;Asr:Default=b;Asr:Fallback=a", "b,a")]
    [InlineData("Asr:Default=funasr", "funasr")]
    [InlineData("Asr:Providers:a:Type=none", "")]
    [InlineData("Asr:Default=c", "!Speech:Asr:Default")]
    [InlineData("Asr:Providers:a:Type=whisper", "!Speech:Asr:Providers:a:Type")]
    [InlineData("Asr:Providers:a:Type=openai;Asr:Providers:a:BaseUrl=somewhere", "!Speech:Asr:Providers:a:BaseUrl")]
    [InlineData("Asr:Providers:a:Type=openai;Asr:Providers:b:Type=whisper;Asr:Default=a", "a")]
    public void Selected_recognisers_are_read(string settings, string expected)
    {
        var configuration = SpeechConfiguration.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2))
                .Select(static pair => KeyValuePair.Create($"FastGate:Speech:{pair[0]}", (string?)pair[1])))
            .Build()
            .GetSection("FastGate:Speech"), static _ => null);
        if (expected.StartsWith('!'))
        {
            Assert.Contains(expected[1..], Assert.Single(configuration.Errors), StringComparison.Ordinal);
            return;
        }

        Assert.Empty(configuration.Errors);
        Assert.Equal(expected, string.Join(',', configuration.Recognizers.Select(static provider => provider.Alias)));
    }

    [Fact]
    public async Task The_second_recogniser_hears_the_whole_utterance_when_the_first_fails()
    {
        var recognizer = new GuardedRecognizer([(new FakeRecognizer([null]), Guard()), (new FakeRecognizer("words"), Guard())]);
        Assert.Equal("words", await recognizer.RecognizeAsync(Said(), CancellationToken.None));
    }

    [Fact]
    public void A_provider_that_failed_three_times_is_asked_by_one_call_every_five_seconds()
    {
        SpeechGuard guard = Guard();
        for (int i = 0; i < 3; i++)
        {
            guard.Enter();
            guard.Leave(succeeded: false);
        }

        Assert.Throws<SpeechProviderException>(guard.Enter);
        _time.Turn(TimeSpan.FromSeconds(6));
        guard.Enter();
        Assert.Throws<SpeechProviderException>(guard.Enter);
        guard.Leave(succeeded: true);
        guard.Enter();
    }

    [Fact]
    public void Calls_beyond_the_slots_are_refused()
    {
        SpeechGuard guard = Guard(slots: 2);
        guard.Enter();
        guard.Enter();
        Assert.Throws<SpeechProviderException>(guard.Enter);
        guard.Leave(succeeded: null);
        guard.Enter();
    }

    /// <summary>Messages of a FunASR server, those before the end of the speech first; the words, and whether the last message ends them.</summary>
    [Theory]
    [InlineData("", """{"mode":"offline","text":"hello"}""", "hello", true)]
    [InlineData("""{"mode":"2pass-online","text":"hel"}|{"mode":"2pass-online","text":"lo"}""", """{"mode":"2pass-offline","text":"Hello."}""", "Hello.", true)]
    [InlineData("""{"mode":"2pass-offline","text":"One."}|{"mode":"2pass-online","text":"tw"}""", """{"mode":"2pass-offline","text":"Two."}""", "One.Two.", true)]
    [InlineData("""{"mode":"2pass-online","text":"hello"}""", """{"mode":"2pass-online","text":"","is_final":true}""", "hello", true)]
    [InlineData("", "not json", "", false)]
    [InlineData("", """{"text":5}""", "", false)]
    public void Texts_of_a_funasr_server_become_words(string before, string after, string words, bool isLast)
    {
        var text = new FunAsrText();
        foreach (string message in before.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.False(text.Take(Encoding.UTF8.GetBytes(message)));
        }

        text.SpeechEnded();
        Assert.Equal(isLast, text.Take(Encoding.UTF8.GetBytes(after)));
        Assert.Equal(words, text.Words);
    }

    public void Dispose() => _services.Dispose();

    private static Utterance Said()
    {
        var utterance = new Utterance(new SpeechMemory(1 << 20));
        Assert.True(utterance.TryAppend(TestSound.Voice(300)));
        utterance.Complete();
        return utterance;
    }

    private SpeechGuard Guard(int slots = 8) => new(new SpeechProviderSettings { Alias = "a", MaxConcurrency = slots }, _metrics, _time);
}
