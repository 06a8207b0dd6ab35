namespace FastGate.Speech.Playing;

/// <summary>A frame, or the begin or the end of a sentence.</summary>
/// <param name="Packet">The frame; null for the others.</param>
/// <param name="Text">The words of the sentence that begins; null for the others.</param>
internal readonly record struct PlaybackItem(byte[]? Packet, string? Text)
{
    /// <summary>A sentence has ended: the next may be synthesised.</summary>
    public bool IsSentenceEnd => Packet is null && Text is null;
}
