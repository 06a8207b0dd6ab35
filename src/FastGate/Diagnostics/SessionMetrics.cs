using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of sessions. Event loops count in striped counters; exporters read them when they collect.</summary>
internal sealed class SessionMetrics
{
    public SessionMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableCounter("fastgate.session.ignored_messages", () => new[]
        {
            Of(BadJson, "bad_json"),
            Of(UnknownType, "unknown_type"),
            Of(BadAudio, "bad_audio"),
            Of(ManagementRefused, "management_refused"),
        }, description: "Device messages that were counted and otherwise ignored, by cause");
        meter.CreateObservableCounter("fastgate.session.audio_frames", () => AudioFrames.Value, description: "Audio frames received and validated");
        meter.CreateObservableCounter("fastgate.session.busy", () => Busy.Value, description: "Utterances answered with the busy line because the conversation queue was full");
        meter.CreateObservableCounter("fastgate.session.languages", () => new[]
        {
            Of(LanguagesKept, "kept", "outcome"),
            Of(LanguagesReplaced, "replaced", "outcome"),
        }, description: "Languages of OTA requests: kept, or kept in place of another device's");
        meter.CreateObservableCounter("fastgate.session.lines", () => new[]
        {
            Of(LinesSpoken, "spoken", "outcome"),
            Of(LinesDropped, "dropped", "outcome"),
        }, description: "Lines of operators: spoken, or dropped because too many waited or the session or the server was about to end");
        meter.CreateObservableCounter(
            "fastgate.session.stages", () => Stages.Select(static stage => OfStage(stage.Count, stage.Name)), description: "Turns that had a stage, by stage");
        meter.CreateObservableCounter(
            "fastgate.session.stage_time", () => Stages.Select(static stage => OfStage(stage.Seconds, stage.Name)), "s", "Time of a stage over all turns, by stage");
        meter.CreateObservableCounter("fastgate.session.turns", () => new[]
        {
            Of(TurnsCompleted, "completed", "outcome"),
            Of(TurnsCancelled, "cancelled", "outcome"),
            Of(TurnsFailed, "failed", "outcome"),
        }, description: "Turns that ended, by outcome");
    }

    /// <summary>Stages of turns, which devices' pages show in the same terms.</summary>
    public StageTotals Endpoint { get; } = new("endpoint");

    public StageTotals Recognition { get; } = new("recognition");

    public StageTotals Wait { get; } = new("wait");

    public StageTotals FirstText { get; } = new("first_text");

    public StageTotals FirstSound { get; } = new("first_sound");

    public StageTotals Answer { get; } = new("answer");

    public StageTotals Total { get; } = new("total");

    public IReadOnlyList<StageTotals> Stages => [Endpoint, Recognition, Wait, FirstText, FirstSound, Answer, Total];

    public StripedCounter BadJson { get; } = new();

    public StripedCounter UnknownType { get; } = new();

    public StripedCounter BadAudio { get; } = new();

    public StripedCounter ManagementRefused { get; } = new();

    public StripedCounter AudioFrames { get; } = new();

    public StripedCounter Busy { get; } = new();

    public StripedCounter LanguagesKept { get; } = new();

    public StripedCounter LanguagesReplaced { get; } = new();

    public StripedCounter LinesSpoken { get; } = new();

    public StripedCounter LinesDropped { get; } = new();

    public StripedCounter TurnsCompleted { get; } = new();

    public StripedCounter TurnsCancelled { get; } = new();

    public StripedCounter TurnsFailed { get; } = new();

    private static Measurement<T> OfStage<T>(T value, string stage)
        where T : struct => new(value, new KeyValuePair<string, object?>("stage", stage));

    private static Measurement<long> Of(StripedCounter counter, string cause, string tag = "cause") =>
        new(counter.Value, new KeyValuePair<string, object?>(tag, cause));
}
