namespace FastGate.Speech.Settings;

/// <summary>The values of <c>Type</c>.</summary>
internal static class SpeechProviderTypes
{
    /// <summary>Any server with <c>/v1/audio/transcriptions</c> or <c>/v1/audio/speech</c>.</summary>
    public const string OpenAi = "openai";

    /// <summary>The WebSocket protocol of the FunASR runtime.</summary>
    public const string FunAsr = "funasr";

    /// <summary>The program espeak-ng of this machine.</summary>
    public const string Espeak = "espeak";

    public const string None = "none";
}
