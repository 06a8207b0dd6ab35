namespace FastGate.Protocol.Messages;

/// <summary>The <c>audio_params</c> of a hello. A number that is missing, not a positive integer or too large is 0.</summary>
/// <param name="Format">Encoding of the audio.</param>
/// <param name="SampleRate">Samples per second, such as 16000.</param>
/// <param name="Channels">1 or 2.</param>
/// <param name="FrameDuration">Duration of one packet in milliseconds, such as 60.</param>
public readonly record struct AudioParameters(AudioFormat Format, int SampleRate, int Channels, int FrameDuration);
