using System.Globalization;
using System.Net;
using System.Text;
using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Connections;

/// <summary>
/// Creates the record of a handshake that failed or used a fallback. Off the hot path: it allocates. It keeps header names without values, and
/// the request target without secrets.
/// </summary>
internal static class HandshakeReport
{
    private const int MaxHeaderNames = 64;

    public static HandshakeRecord OfRefusal(in HandshakeRequest request, HandshakeError error, EndPoint? peer) =>
        Of(request, peer, error.ToString(), error.HttpStatus());

    /// <summary>The received part of a request whose connection ended without an answer.</summary>
    public static HandshakeRecord OfIncomplete(in HandshakeRequest request, ConnectionEndReason reason, EndPoint? peer) =>
        Of(request, peer, reason.ToString(), status: 0);

    public static HandshakeRecord OfIdentity(in HandshakeRequest request, in DeviceIdentity identity, AuthResult auth, EndPoint? peer, HandshakeLimits limits)
    {
        HandshakeError error = auth.IsAccepted() ? HandshakeError.None : HandshakeError.NotAuthorized;
        return Of(request, peer, auth.IsAccepted() ? null : error.ToString(), error.HttpStatus()) with
        {
            Sources = OutcomesOf(request, identity, limits),
            DeviceId = Encoding.UTF8.GetString(identity.DeviceId),
            Source = identity.DeviceSource.ToString(),
            Auth = auth.ToString(),
        };
    }

    public static HandshakeRecord OfBan(in HandshakeRequest request, Ban ban, string deviceId, EndPoint? peer) =>
        Of(request, peer, HandshakeError.Banned.ToString(), HandshakeError.Banned.HttpStatus()) with
        {
            DeviceId = deviceId.Length == 0 ? null : deviceId,
            Detail = string.Create(
                CultureInfo.InvariantCulture,
                $"ban {ban.Id} of {ban.Device ?? ban.Range.ToString()}{(ban.Until is { } until ? $" until {until:u}" : "")}{(ban.Reason is null ? "" : $": {ban.Reason}")}"),
        };

    private static HandshakeRecord Of(in HandshakeRequest request, EndPoint? peer, string? error, int status) => new()
    {
        At = DateTimeOffset.UtcNow,
        RemoteAddress = AddressOf(request, peer),
        Target = HandshakeText.RenderTarget(request.Target),
        HeaderNames = NamesOf(request),
        Error = error,
        Status = status,
    };

    private static string AddressOf(in HandshakeRequest request, EndPoint? peer)
    {
        // Show the client address reported by a proxy in addition to the connected address, never instead of it.
        ReadOnlySpan<byte> forwarded = request.XRealIp.IsEmpty ? request.XForwardedFor : request.XRealIp;
        return forwarded.IsEmpty ? $"{peer}" : $"{peer} for {HandshakeText.Render(forwarded)}";
    }

    private static List<string> NamesOf(in HandshakeRequest request)
    {
        var names = new List<string>();
        HeaderLineReader lines = request.Lines;
        while (names.Count < MaxHeaderNames && lines.Read())
        {
            names.Add(HandshakeText.Render(lines.Name));
        }

        return names;
    }

    private static List<HandshakeSourceOutcome> OutcomesOf(in HandshakeRequest request, in DeviceIdentity identity, HandshakeLimits limits)
    {
        Span<byte> scratch = new byte[DeviceIdentity.ScratchLength(limits)];
        var outcomes = new List<HandshakeSourceOutcome>();
        for (IdentitySource source = IdentitySource.QueryDeviceId; source < IdentitySource.DeviceId; source++)
        {
            string? id = DeviceIdentity.ReadOne(request, scratch, source);
            outcomes.Add(new HandshakeSourceOutcome(
                source.ToString(), identity.Outcome(source).ToString(), id is null ? null : HandshakeText.Render(Encoding.UTF8.GetBytes(id))));
        }

        return outcomes;
    }
}
