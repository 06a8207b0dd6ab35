using FastGate.Diagnostics;
using FastGate.Speech.Playing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;

namespace FastGate.Speech;

/// <summary>The recogniser and the synthesiser of one configuration. A reload replaces the whole object; calls in progress end with theirs.</summary>
internal sealed class SpeechProviders
{
    public SpeechProviders(ISpeechRecognizer? recognizer, ISpeechSynthesizer? synthesizer)
    {
        Recognizer = recognizer;
        Synthesizer = synthesizer;
    }

    /// <summary>The recognisers in the order in which they are asked.</summary>
    public IReadOnlyList<SpeechGuard> Recognizers { get; private init; } = [];

    /// <summary>The synthesisers in the order in which they are asked.</summary>
    public IReadOnlyList<SpeechGuard> Synthesizers { get; private init; } = [];

    public ISpeechRecognizer? Recognizer { get; }

    public ISpeechSynthesizer? Synthesizer { get; }

    /// <summary>The encoded sound of the fixed lines.</summary>
    public FixedLines FixedLines { get; } = new();

    public static SpeechProviders Create(SpeechConfiguration configuration, SpeechMetrics metrics, TimeProvider time)
    {
        (ISpeechRecognizer, SpeechGuard)[] recognizers =
            [.. configuration.Recognizers.Select(settings => (CreateRecognizer(settings), new SpeechGuard(settings, metrics, time)))];
        IReadOnlyList<SpeechProviderSettings> voices = configuration.Synthesizers;
        if (!configuration.HasSynthesizerSetting && recognizers.Length > 0 && EspeakSynthesizer.IsInstalled)
        {
            voices = [new SpeechProviderSettings { Alias = SpeechProviderTypes.Espeak, Type = SpeechProviderTypes.Espeak, Why = "espeak-ng is installed and no synthesiser is configured" }];
        }

        (ISpeechSynthesizer, SpeechGuard)[] synthesizers = [.. voices.Select(settings => (CreateSynthesizer(settings), new SpeechGuard(settings, metrics, time)))];
        return new SpeechProviders(
            recognizers.Length > 0 ? new GuardedRecognizer(recognizers) : null,
            synthesizers.Length > 0 ? new GuardedSynthesizer(synthesizers) : null)
        {
            Recognizers = [.. recognizers.Select(static provider => provider.Item2)],
            Synthesizers = [.. synthesizers.Select(static provider => provider.Item2)],
        };
    }

    private static ISpeechRecognizer CreateRecognizer(SpeechProviderSettings settings) =>
        settings.Type == SpeechProviderTypes.FunAsr ? new FunAsrRecognizer(settings) : new OpenAiRecognizer(settings);

    private static ISpeechSynthesizer CreateSynthesizer(SpeechProviderSettings settings) =>
        settings.Type == SpeechProviderTypes.Espeak ? new EspeakSynthesizer(settings) : new OpenAiSynthesizer(settings);
}
