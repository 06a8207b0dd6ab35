using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the speech room.</summary>
internal static partial class SpeechLog
{
    [LoggerMessage(8000, LogLevel.Information, "Speech: {Mode}")]
    public static partial void SpeechReady(this ILogger logger, string mode);

    [LoggerMessage(8001, LogLevel.Error, "Handling the sound of a device failed; it is not heard until it listens again")]
    public static partial void SpeechFaulted(this ILogger logger, Exception exception);

    [LoggerMessage(8002, LogLevel.Warning, "Speech provider failed: {Reason}")]
    public static partial void SpeechProviderFailed(this ILogger logger, string reason);

    [LoggerMessage(8005, LogLevel.Warning, "The voice model {Model} cannot be used ({Reason}); speech is found by its energy")]
    public static partial void VoiceModelUnusable(this ILogger logger, string model, string reason);

    [LoggerMessage(8006, LogLevel.Information, "Opus is decoded and encoded by {Codec}")]
    public static partial void OpusChosen(this ILogger logger, string codec);

    [LoggerMessage(8004, LogLevel.Error, "Playing to a device failed; its turn ends")]
    public static partial void PlaybackFaulted(this ILogger logger, Exception exception);
}
