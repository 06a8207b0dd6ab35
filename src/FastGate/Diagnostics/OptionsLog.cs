using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the configuration; event ids 7000 to 7099.</summary>
internal static partial class OptionsLog
{
    [LoggerMessage(7000, LogLevel.Warning, "Unknown configuration key {Key}; the nearest known key is {Nearest}")]
    public static partial void UnknownKey(this ILogger logger, string key, string nearest);

    [LoggerMessage(7001, LogLevel.Information, "Keys of {File} that FastGate does not use: {Keys}")]
    public static partial void KeysWithoutMeaning(this ILogger logger, string file, string keys);

    [LoggerMessage(7002, LogLevel.Information, "Configuration reloaded, {Count} keys changed: {Keys}")]
    public static partial void Reloaded(this ILogger logger, int count, string keys);

    [LoggerMessage(7003, LogLevel.Warning, "Changed keys that take effect only after a restart: {Keys}")]
    public static partial void NeedsRestart(this ILogger logger, string keys);

    [LoggerMessage(7004, LogLevel.Error, "Configuration not reloaded, nothing was changed: {Failures}")]
    public static partial void ReloadRefused(this ILogger logger, string failures);

    [LoggerMessage(7005, LogLevel.Error, "A handler of configuration changes failed")]
    public static partial void ReloadFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7006, LogLevel.Warning, "FastGate does not read these services from {File}: {Services}")]
    public static partial void ServicesLost(this ILogger logger, string file, string services);

    [LoggerMessage(7007, LogLevel.Warning, "Warnings about {File}: {Warnings}")]
    public static partial void FileWarnings(this ILogger logger, string file, string warnings);

    [LoggerMessage(7210, LogLevel.Warning, "Speech setting without effect: {Warning}")]
    public static partial void SpeechSettingIgnored(this ILogger logger, string warning);
}
