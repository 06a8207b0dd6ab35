namespace FastGate.Speech.Hearing;

/// <summary>One device's sound for a <see cref="IVoiceDetector"/>: the window to judge, what the detector remembers, and its answer.</summary>
internal sealed class VoiceStream
{
    /// <summary>Samples of one window: 32 ms at <see cref="SampleRate"/>.</summary>
    public const int Window = 512;

    public const int SampleRate = 16_000;

    public short[] Samples { get; } = new short[Window];

    /// <summary>What the device's encoder decided about the packet at the end of the window; null when it says nothing.</summary>
    public bool? EncoderVoice { get; set; }

    /// <summary>How sure the detector is that the window holds speech, 0 to 1.</summary>
    public float Probability { get; set; }

    /// <summary>Belongs to the detector; null for a new stream.</summary>
    public object? Memory { get; set; }
}
