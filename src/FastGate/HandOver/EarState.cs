namespace FastGate.HandOver;

/// <summary>A device that listens. What it has said so far is heard again.</summary>
/// <param name="Mode"><c>ListenMode</c>.</param>
/// <param name="Sound">The sound of the utterance so far: 16 kHz mono, 16 bits, little-endian. Empty when nothing has been said.</param>
/// <param name="HasEnded">The utterance is complete and waits for its words.</param>
internal sealed record EarState(byte Mode, ReadOnlyMemory<byte> Sound, bool HasEnded);
