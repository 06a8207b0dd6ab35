using System.Net;

namespace FastGate.Http.Ota;

/// <summary>A device that waits for its confirmation.</summary>
internal sealed record PendingActivation(string Code, string DeviceId, string ClientId, string? Board, IPAddress Address, DateTimeOffset At);
