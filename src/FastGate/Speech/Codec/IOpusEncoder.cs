namespace FastGate.Speech.Codec;

/// <summary>Encodes 16-bit mono into packets, in order. Belongs to one thread at a time.</summary>
internal interface IOpusEncoder : IDisposable
{
    /// <summary>The longest packet that <see cref="Encode"/> writes, in bytes.</summary>
    const int MaxPacket = 1_276;

    /// <summary>Encodes one frame.</summary>
    /// <param name="pcm">Samples of exactly one frame.</param>
    /// <param name="packet">Room for <see cref="MaxPacket"/> bytes.</param>
    /// <returns>The number of bytes.</returns>
    int Encode(ReadOnlySpan<short> pcm, Span<byte> packet);

    /// <summary>Forgets the frames so far: the next one begins a new stream.</summary>
    void Reset();
}
