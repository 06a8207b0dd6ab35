using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of the webhooks; event ids 7350 to 7359. Only the host of a URL is logged, because its path may be a secret.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(7350, LogLevel.Warning, "Webhook requests to {Host} fail ({Reason}); they are tried again")]
    public static partial void WebhookFails(this ILogger logger, string host, string reason);

    [LoggerMessage(7351, LogLevel.Information, "Webhook requests to {Host} succeed again")]
    public static partial void WebhookRecovered(this ILogger logger, string host);

    [LoggerMessage(7352, LogLevel.Warning, "{Lost} webhook events for {Host} are lost")]
    public static partial void WebhookEventsLost(this ILogger logger, int lost, string host);
}
