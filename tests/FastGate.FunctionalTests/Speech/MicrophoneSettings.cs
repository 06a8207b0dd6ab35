using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;

namespace FastGate.FunctionalTests.Speech;

/// <summary>What a device announces in its hello, and the codec that it uses.</summary>
internal sealed record MicrophoneSettings
{
    public AudioFraming Framing { get; init; } = AudioFraming.Raw;

    public int SampleRate { get; init; } = 16_000;

    public int FrameMs { get; init; } = 60;

    public OpusCodec Codec { get; init; } = OpusCodec.Best;
}
