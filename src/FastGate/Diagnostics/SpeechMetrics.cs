using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the speech room.</summary>
internal sealed class SpeechMetrics
{
    private readonly Counter<long> _failures;
    private Func<long> _memory = static () => 0;
    private Func<int> _pieces = static () => 0;

    public SpeechMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableCounter("fastgate.speech.packets_dropped", () => new[]
        {
            Of(DroppedPackets, "full"),
            Of(BadPackets, "invalid"),
            Of(UnheardPackets, "not_listening"),
        }, description: "Audio packets of devices that were not decoded, by cause");
        meter.CreateObservableCounter("fastgate.speech.utterances", () => new[]
        {
            Of(Utterances, "ended"),
            Of(Discarded, "noise"),
            Of(Refused, "no_memory"),
        }, description: "Utterances, by what became of them");
        meter.CreateObservableCounter("fastgate.speech.capture_faults", () => CaptureFaults.Value, description: "Times that a defect ended what was heard of a device");
        meter.CreateObservableCounter("fastgate.speech.frames_sent", () => FramesSent.Value, description: "Audio frames sent to devices");
        meter.CreateObservableCounter("fastgate.speech.frames_dropped", () => FramesDropped.Value, description: "Audio frames not sent because the device reads too slowly");
        meter.CreateObservableCounter("fastgate.speech.frames_late", () => FramesLate.Value, description: "Audio frames sent more than 20 ms after they were due");
        meter.CreateObservableCounter("fastgate.speech.underruns", () => Underruns.Value, description: "Times that playback waited for sound");
        meter.CreateObservableCounter("fastgate.speech.sentences_dropped", () => SentencesDropped.Value, description: "Sentences of a reply that were too many to wait for their sound");
        meter.CreateObservableCounter("fastgate.speech.fixed_lines", () => new[] { Result(FixedLineHits, "hit"), Result(FixedLineMisses, "miss") }, description: "Lines that are the same for every device, by whether their sound was kept");
        meter.CreateObservableCounter("fastgate.speech.early_turns", () => new[] { Result(EarlyTurnsUsed, "hit"), Result(EarlyTurnsDropped, "miss") }, description: "Turns that began from partial words, by whether the whole words were the same");
        meter.CreateObservableGauge("fastgate.speech.memory", () => _memory(), "By", "Bytes of sound that are held");
        meter.CreateObservableGauge("fastgate.speech.encodes_waiting", () => _pieces(), description: "Pieces of sound that wait to be encoded, or are");
        _failures = meter.CreateCounter<long>("fastgate.speech.provider_failures", description: "Failed calls to recognisers and synthesisers");
        Stages = meter.CreateHistogram<double>("fastgate.speech.stage", "s", "Stages of a spoken turn: endpoint (last voice to the end of the utterance), recognition (end to words), first_sound (sentence to the first sound), encode (first sound to the first frame), first_frame (turn to the first frame), answer (last voice to the first frame), played (first frame to the end of playback)");
    }

    public Histogram<double> Stages { get; }

    public StripedCounter DroppedPackets { get; } = new();

    public StripedCounter BadPackets { get; } = new();

    public StripedCounter UnheardPackets { get; } = new();

    public StripedCounter Utterances { get; } = new();

    public StripedCounter Discarded { get; } = new();

    public StripedCounter Refused { get; } = new();

    public StripedCounter CaptureFaults { get; } = new();

    public StripedCounter FramesSent { get; } = new();

    public StripedCounter FramesDropped { get; } = new();

    public StripedCounter FramesLate { get; } = new();

    public StripedCounter Underruns { get; } = new();

    public StripedCounter SentencesDropped { get; } = new();

    public StripedCounter FixedLineHits { get; } = new();

    public StripedCounter FixedLineMisses { get; } = new();

    /// <summary>Turns that began from partial words and became the answer.</summary>
    public StripedCounter EarlyTurnsUsed { get; } = new();

    /// <summary>Turns that began from partial words and were cancelled.</summary>
    public StripedCounter EarlyTurnsDropped { get; } = new();

    /// <param name="memory">Bytes of sound that are held.</param>
    /// <param name="pieces">Pieces of sound that wait to be encoded, or are.</param>
    public void Observe(Func<long> memory, Func<int> pieces)
    {
        _memory = memory;
        _pieces = pieces;
    }

    public void ProviderFailed(string provider) => _failures.Add(1, new KeyValuePair<string, object?>("provider", provider));

    /// <param name="stage">Name of the stage.</param>
    /// <param name="provider">Alias of the provider, or empty.</param>
    /// <param name="duration">How long it took.</param>
    public void Took(string stage, string provider, TimeSpan duration) =>
        Stages.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("stage", stage), new KeyValuePair<string, object?>("provider", provider));

    private static Measurement<long> Result(StripedCounter counter, string result) => new(counter.Value, new KeyValuePair<string, object?>("result", result));

    private static Measurement<long> Of(StripedCounter counter, string cause) => new(counter.Value, new KeyValuePair<string, object?>("cause", cause));
}
