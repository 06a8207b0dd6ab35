namespace FastGate.Speech.Synthesis;

/// <summary>A piece of mono sound.</summary>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Samples">The samples; valid until the next piece is asked for.</param>
internal readonly record struct SoundPiece(int SampleRate, ReadOnlyMemory<short> Samples)
{
    /// <summary>Made by a fallback, whose voice is not the usual one.</summary>
    public bool IsFallback { get; init; }
}
