using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Speech;

/// <summary>Providers with their guards, a memory whose use shows what is not given back, and short limits.</summary>
internal sealed class ProviderFixture : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<IDisposable> _providers = [];

    public ProviderFixture() => Metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());

    public ManualTimeProvider Time { get; } = new();

    public SpeechMetrics Metrics { get; }

    public SpeechMemory Memory { get; } = new(8 << 20);

    public List<SpeechGuard> Guards { get; } = [];

    /// <summary>The timeouts end only calls of servers that never answer, so the others have much.</summary>
    public static SpeechProviderSettings Settings(string baseUrl, bool hangs = false) => new()
    {
        Alias = "a",
        BaseUrl = baseUrl,
        ApiKey = "secret",
        ConnectTimeout = TimeSpan.FromSeconds(20),
        FirstTimeout = hangs ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(20),
        BetweenTimeout = hangs ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(20),
    };

    public GuardedRecognizer Recognizer(params (ISpeechRecognizer Recognizer, SpeechProviderSettings Settings)[] providers)
    {
        _providers.AddRange(providers.Select(static provider => provider.Recognizer));
        return new GuardedRecognizer([.. providers.Select(provider => (provider.Recognizer, Guard(provider.Settings)))]);
    }

    public GuardedSynthesizer Synthesizer(params (ISpeechSynthesizer Synthesizer, SpeechProviderSettings Settings)[] providers)
    {
        _providers.AddRange(providers.Select(static provider => provider.Synthesizer));
        return new GuardedSynthesizer([.. providers.Select(provider => (provider.Synthesizer, Guard(provider.Settings)))]);
    }

    /// <summary>An utterance that has ended.</summary>
    public Utterance Said(int milliseconds = 300)
    {
        Utterance utterance = Speaking(milliseconds);
        utterance.Complete();
        return utterance;
    }

    /// <summary>An utterance that has not ended.</summary>
    public Utterance Speaking(int milliseconds = 300)
    {
        var utterance = new Utterance(Memory);
        Assert.True(utterance.TryAppend(TestSound.Voice(milliseconds)));
        return utterance;
    }

    /// <summary>Every sample of a sentence, with its rate.</summary>
    public static async Task<(int Rate, short[] Samples)> CollectAsync(ISpeechSynthesizer synthesizer, string sentence = "Hello.", CancellationToken cancellationToken = default)
    {
        List<short> samples = [];
        int rate = 0;
        await foreach (SoundPiece piece in synthesizer.SynthesizeAsync(sentence, cancellationToken))
        {
            rate = piece.SampleRate;
            samples.AddRange(piece.Samples.Span);
        }

        return (rate, [.. samples]);
    }

    /// <summary>No call holds a slot.</summary>
    public void AssertSlotsAreFree() => Assert.All(Guards, static guard => Assert.Equal(0, guard.InUse));

    public void Dispose()
    {
        _providers.ForEach(static provider => provider.Dispose());
        _services.Dispose();
    }

    private SpeechGuard Guard(SpeechProviderSettings settings)
    {
        var guard = new SpeechGuard(settings, Metrics, Time);
        Guards.Add(guard);
        return guard;
    }
}
