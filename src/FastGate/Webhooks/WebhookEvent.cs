using System.Net;

namespace FastGate.Webhooks;

/// <summary>
/// One event, as the ring stores it: only references that exist anyway, so that reporting it allocates nothing. The detail is the end reason or the
/// outcome of the turn.
/// </summary>
internal readonly record struct WebhookEvent(
    WebhookEventKind Kind, long AtUnixMs, string DeviceId, Guid SessionId, EndPoint? Address, string? Detail);
