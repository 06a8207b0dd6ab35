namespace FastGate.LoadTest.Reports;

/// <summary>What the scenario <c>speak</c> measured beside its latencies.</summary>
internal sealed record SpeechReport
{
    public required long FramesReceived { get; init; }

    /// <summary>Frames of a played-back sentence that did not come: fewer than the words of the sentence have.</summary>
    public required long FramesMissing { get; init; }

    /// <summary>Frames before <c>tts start</c> or after <c>tts stop</c>.</summary>
    public required long FramesOutside { get; init; }

    /// <summary>Share of received frames that came in time; null without frames.</summary>
    public required double? InTimeShare { get; init; }

    /// <summary>Turns whose answer began before the words had ended.</summary>
    public required long CutShort { get; init; }

    public required long Interrupted { get; init; }

    /// <summary>Turns whose sound was compared with what was sent.</summary>
    public required int Compared { get; init; }

    public required int WithoutLastWord { get; init; }

    /// <summary>Mean difference of the last 300 ms of the words; null when no turn was compared.</summary>
    public required double? LastWordDb { get; init; }

    /// <summary>Mean difference of the length of the words.</summary>
    public required double? SpanDifferenceMs { get; init; }
}
