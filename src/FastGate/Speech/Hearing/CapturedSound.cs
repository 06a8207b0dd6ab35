namespace FastGate.Speech.Hearing;

/// <summary>The sound of an utterance that a capture has not reported yet.</summary>
/// <param name="Samples">Also the sound before the first voice.</param>
/// <param name="HasEnded">The device has said that this is the whole utterance.</param>
internal sealed record CapturedSound(short[] Samples, bool HasEnded);
