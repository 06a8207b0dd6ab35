using System.Net;
using System.Runtime.CompilerServices;
using FastGate.Diagnostics;

namespace FastGate.Webhooks;

/// <summary>
/// One event, as the ring stores it: references that exist anyway, and the times of a turn. The detail is the end reason or the outcome of the turn.
/// </summary>
internal readonly record struct WebhookEvent(
    WebhookEventKind Kind, long AtUnixMs, string DeviceId, Guid SessionId, EndPoint? Address, string? Detail, StrongBox<TurnTimes>? Times = null);
