using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Speech;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>The recognisers and synthesisers of a life, two of each, with the slots and time limits that the server gives them.</summary>
internal sealed class LifeVoices
{
    private static readonly IMeterFactory s_meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private readonly List<SpeechGuard> _guards = [];

    public LifeVoices(AnswerChoice choice, TimeProvider time)
    {
        var metrics = new SpeechMetrics(s_meters);
        ScriptedSpeech[] providers = [new ScriptedSpeech(choice, "first"), new ScriptedSpeech(choice, "second")];
        Providers = new SpeechProviders(
            new GuardedRecognizer([.. providers.Select(provider => ((ISpeechRecognizer)provider, Guard(provider.Name, metrics, time)))]),
            new GuardedSynthesizer([.. providers.Select(provider => ((ISpeechSynthesizer)provider, Guard(provider.Name, metrics, time)))]));
    }

    public SpeechProviders Providers { get; }

    /// <summary>Calls in progress.</summary>
    public int InUse => _guards.Sum(static guard => guard.InUse);

    /// <summary>The limits are of the wall clock: there is no other for speech.</summary>
    private SpeechGuard Guard(string alias, SpeechMetrics metrics, TimeProvider time)
    {
        var limit = TimeSpan.FromMilliseconds(200);
        var settings = new SpeechProviderSettings { Alias = alias, MaxConcurrency = 2, FirstTimeout = limit, BetweenTimeout = limit };
        var guard = new SpeechGuard(settings, metrics, time);
        _guards.Add(guard);
        return guard;
    }
}
