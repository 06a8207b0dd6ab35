namespace FastGate.Speech.Codec;

/// <summary>Decodes the packets of one device, in order, to 16-bit mono. Belongs to one thread.</summary>
internal interface IOpusDecoder : IDisposable
{
    /// <summary>
    /// Decodes one packet that <see cref="Protocol.Audio.OpusPacket"/> accepted. An empty packet means a lost one, which is concealed.
    /// </summary>
    /// <param name="packet">The packet.</param>
    /// <param name="pcm">Room for 120 ms.</param>
    /// <returns>The number of samples, or -1 for a packet that the codec rejects.</returns>
    int Decode(ReadOnlySpan<byte> packet, Span<short> pcm);

    /// <summary>Forgets the packets so far.</summary>
    void Reset();
}
