namespace FastGate.HandOver;

/// <summary>One piece of what is left to play: the text of a sentence, or an Opus packet.</summary>
internal sealed record PlaybackItemState(string? Sentence, ReadOnlyMemory<byte> Packet);
