namespace FastGate.HandOver;

/// <summary>A device that listens. What it has said so far is heard again.</summary>
/// <param name="Mode"><c>ListenMode</c>.</param>
/// <param name="Sound">The sound of the utterance so far: 16 kHz mono, 16 bits, little-endian. Empty when nothing has been said.</param>
/// <param name="HasEnded">The utterance is complete and waits for its words.</param>
internal sealed record EarState(byte Mode, ReadOnlyMemory<byte> Sound, bool HasEnded)
{
    /// <summary>The words of an utterance that were recognised and not answered; null when there are none.</summary>
    public string? Words { get; init; }

    /// <summary>After an utterance that has ended, in realtime mode: the sound of the one that follows it.</summary>
    public ReadOnlyMemory<byte> NextSound { get; init; }
}
