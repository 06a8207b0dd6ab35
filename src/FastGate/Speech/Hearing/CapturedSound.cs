namespace FastGate.Speech.Hearing;

/// <summary>What a capture has heard of an utterance that it has not reported.</summary>
/// <param name="Samples">Also the sound before the first voice.</param>
/// <param name="HasEnded">The device has said that this is the whole utterance.</param>
internal sealed record CapturedSound(short[] Samples, bool HasEnded);
