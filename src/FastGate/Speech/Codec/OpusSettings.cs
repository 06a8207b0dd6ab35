namespace FastGate.Speech.Codec;

/// <summary>How speech is encoded.</summary>
/// <param name="Bitrate">Bits per second.</param>
/// <param name="Complexity">0 (fast) to 10 (best).</param>
internal readonly record struct OpusSettings(int Bitrate, int Complexity);
