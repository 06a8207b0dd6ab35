using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of conversations; event ids 3000 to 3999. They never contain what a user or a model said, nor a key.</summary>
internal static partial class ConversationLog
{
    [LoggerMessage(3000, LogLevel.Warning, "LLM configuration: {Warning}")]
    public static partial void ConfigurationWarning(this ILogger logger, string warning);

    [LoggerMessage(3001, LogLevel.Information, "LLM configuration applied; default provider {Default}")]
    public static partial void ConfigurationApplied(this ILogger logger, string @default);

    [LoggerMessage(3002, LogLevel.Warning, "Purpose {Purpose} is not configured: {Why}")]
    public static partial void PurposeUnlisted(this ILogger logger, string purpose, string why);

    [LoggerMessage(3003, LogLevel.Warning, "Purpose {Purpose} names the unknown provider {Alias}; using the default provider {Default}")]
    public static partial void AliasUnknown(this ILogger logger, string purpose, string alias, string @default);

    [LoggerMessage(3004, LogLevel.Warning, "Provider {Alias} for purpose {Purpose} could not be created; using the default provider {Default}: {Reason}")]
    public static partial void ProviderNotMade(this ILogger logger, string purpose, string alias, string @default, string reason);

    [LoggerMessage(3010, LogLevel.Warning, "Call to {Alias} for {Purpose} failed, {Failure}: {Reason}")]
    public static partial void CallFailed(this ILogger logger, string alias, string purpose, Enum failure, string reason);

    [LoggerMessage(3011, LogLevel.Debug, "Retrying {Alias} for {Purpose} in {Wait}, as the provider requested")]
    public static partial void Retrying(this ILogger logger, string alias, string purpose, TimeSpan wait);

    [LoggerMessage(3012, LogLevel.Debug, "Falling back from {Alias} for {Purpose} to {Fallback} after {Failure}")]
    public static partial void FallingBack(this ILogger logger, string alias, string purpose, string fallback, Enum failure);

    [LoggerMessage(3013, LogLevel.Error, "Circuit breaker of {Alias} opened after {Failure}: calls are refused until a probe succeeds")]
    public static partial void BreakerOpened(this ILogger logger, string alias, Enum failure);

    [LoggerMessage(3014, LogLevel.Information, "Circuit breaker of {Alias} closed: it answers again")]
    public static partial void BreakerClosed(this ILogger logger, string alias);

    [LoggerMessage(3020, LogLevel.Error, "Unhandled exception while running a turn")]
    public static partial void TurnFaulted(this ILogger logger, Exception exception);

    [LoggerMessage(3021, LogLevel.Error, "Unhandled exception on a conversation thread")]
    public static partial void WorkFaulted(this ILogger logger, Exception exception);

    [LoggerMessage(3022, LogLevel.Warning, "Memory did not answer within {Wait}; the turn continues without it")]
    public static partial void MemorySlow(this ILogger logger, TimeSpan wait);

    [LoggerMessage(3023, LogLevel.Information, "Conversations drained; {Cancelled} turns were cancelled at the deadline")]
    public static partial void Drained(this ILogger logger, int cancelled);

    [LoggerMessage(3024, LogLevel.Warning, "Conversation queue is full ({Waiting} turns waiting); a turn was rejected")]
    public static partial void QueueFull(this ILogger logger, int waiting);

    [LoggerMessage(3100, LogLevel.Warning, "Tool {Tool} of {Source} failed, {Outcome}: {Reason}")]
    public static partial void ToolFailed(this ILogger logger, string tool, Enum source, Enum outcome, string reason);

    [LoggerMessage(3101, LogLevel.Warning, "Provider {Alias} knows no tools; it is called without them for {Remembered}")]
    public static partial void ToolsRefused(this ILogger logger, string alias, TimeSpan remembered);
}
