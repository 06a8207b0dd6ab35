namespace FastGate.LoadTest.Reports;

/// <summary>What the scenario <c>speak</c> measured beside its latencies.</summary>
internal sealed record SpeechReport
{
    public required long FramesReceived { get; init; }

    /// <summary>Frames whose number did not come, and those that a played-back sentence has fewer than its words.</summary>
    public required long FramesMissing { get; init; }

    /// <summary>Frames that came twice in an answer, or with a number that it does not have.</summary>
    public required long FramesDoubled { get; init; }

    /// <summary>Frames that came after a later one.</summary>
    public required long FramesReordered { get; init; }

    /// <summary>Frames before <c>tts start</c> or after <c>tts stop</c>, and messages that are no frame.</summary>
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

    /// <summary>What every answer must keep.</summary>
    public IReadOnlyList<ThresholdResult> Judge()
    {
        static ThresholdResult None(string what, long actual) => new("speak", what, 0, actual, actual == 0);
        return
        [
            None("frames missing", FramesMissing),
            None("frames doubled", FramesDoubled),
            None("frames reordered", FramesReordered),
            None("frames outside an answer", FramesOutside),
        ];
    }
}
