using System.Globalization;
using System.Net;
using System.Text;
using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Transport.Addresses;

namespace FastGate.Flight;

/// <summary>
/// Creates the record of a handshake that failed or used a fallback. Off the hot path: it allocates. It keeps header names without values, and
/// the request target without secrets.
/// </summary>
internal static class HandshakeRecords
{
    // A client could fill the headers with names: a record stays small.
    private const int MaxHeaderNames = 32;
    private const int MaxHeaderName = 48;

    /// <summary>The id of a request that is refused for another reason, so that the record is found by it; empty without a valid one. Allocates nothing.</summary>
    public static ReadOnlySpan<byte> IdOf(scoped in HandshakeRequest request, Span<byte> scratch)
    {
        var identity = DeviceIdentity.Read(request, scratch, generated: 0);
        return identity.IsGenerated ? default : identity.DeviceId;
    }

    /// <summary>A refused request.</summary>
    public static ConnectionRecord OfRefusal(
        in HandshakeRequest request, HandshakeError error, Verdict verdict, ReadOnlySpan<byte> received, ReadOnlySpan<byte> deviceId, EndPoint? peer) =>
        Of(request, verdict, peer, error.ToString(), error.HttpStatus()) with
        {
            DeviceId = TextOf(deviceId),
            Detail = RequestVerdicts.DetailOf(verdict, error, request, received),
        };

    /// <summary>The received part of a request whose connection ended without an answer.</summary>
    public static ConnectionRecord OfIncomplete(
        in HandshakeRequest request, ConnectionEndReason reason, Verdict verdict, ReadOnlySpan<byte> received, ReadOnlySpan<byte> deviceId, EndPoint? peer) =>
        Of(request, verdict, peer, reason.ToString(), status: 0) with { DeviceId = TextOf(deviceId), Detail = RequestVerdicts.DetailOfIncomplete(received) };

    public static ConnectionRecord OfIdentity(
        in HandshakeRequest request, in DeviceIdentity identity, AuthResult auth, Verdict verdict, EndPoint? peer, HandshakeLimits limits)
    {
        HandshakeError error = auth.IsAccepted() ? HandshakeError.None : HandshakeError.NotAuthorized;
        List<HandshakeSourceOutcome> sources = OutcomesOf(request, identity, limits);
        return Of(request, verdict, peer, auth.IsAccepted() ? null : error.ToString(), error.HttpStatus()) with
        {
            Sources = sources,
            DeviceId = Encoding.UTF8.GetString(identity.DeviceId),
            Source = identity.DeviceSource.ToString(),
            Auth = auth.ToString(),
            Detail = auth.IsAccepted() ? IdentityVerdicts.DetailOf(identity, sources) : CredentialVerdicts.DetailOf(auth, identity, request),
        };
    }

    public static ConnectionRecord OfBan(in HandshakeRequest request, Ban ban, ReadOnlySpan<byte> deviceId, EndPoint? peer) =>
        Of(request, Verdict.Banned, peer, HandshakeError.Banned.ToString(), HandshakeError.Banned.HttpStatus()) with
        {
            DeviceId = TextOf(deviceId),
            Detail = Describe(ban),
        };

    public static ConnectionRecord OfDrain(in HandshakeRequest request, ReadOnlySpan<byte> deviceId, EndPoint? peer) =>
        Of(request, Verdict.Draining, peer, HandshakeError.Draining.ToString(), HandshakeError.Draining.HttpStatus()) with { DeviceId = TextOf(deviceId) };

    public static ConnectionRecord OfTooOften(in HandshakeRequest request, Verdict verdict, ReadOnlySpan<byte> deviceId, EndPoint? peer) =>
        Of(request, verdict, peer, HandshakeError.TooManyConnects.ToString(), HandshakeError.TooManyConnects.HttpStatus()) with { DeviceId = TextOf(deviceId) };

    public static string Describe(Ban ban) => string.Create(
        CultureInfo.InvariantCulture,
        $"ban {ban.Id} of {ban.Device ?? ban.Range.ToString()}{(ban.Until is { } until ? $" until {until:u}" : "")}{(ban.Reason is null ? "" : $": {ban.Reason}")}");

    private static ConnectionRecord Of(in HandshakeRequest request, Verdict verdict, EndPoint? peer, string? error, int status)
    {
        ReadOnlySpan<byte> forwarded = request.XRealIp.IsEmpty ? request.XForwardedFor : request.XRealIp;
        return new ConnectionRecord
        {
            At = DateTimeOffset.UtcNow,
            Verdict = verdict,
            Peer = peer,
            ForwardedFor = forwarded.IsEmpty || peer is ReportedEndPoint ? null : HandshakeText.Render(forwarded),
            Target = HandshakeText.RenderTarget(request.Target),
            HeaderNames = NamesOf(request),
            Error = error,
            Status = status,
        };
    }

    private static string? TextOf(ReadOnlySpan<byte> deviceId) => deviceId.IsEmpty ? null : Encoding.UTF8.GetString(deviceId);

    private static List<string> NamesOf(in HandshakeRequest request)
    {
        var names = new List<string>();
        HeaderLineReader lines = request.Lines;
        while (names.Count < MaxHeaderNames && lines.Read())
        {
            names.Add(HandshakeText.Render(lines.Name[..Math.Min(lines.Name.Length, MaxHeaderName)]));
        }

        return names;
    }

    private static List<HandshakeSourceOutcome> OutcomesOf(in HandshakeRequest request, in DeviceIdentity identity, HandshakeLimits limits)
    {
        Span<byte> scratch = new byte[DeviceIdentity.ScratchLength(limits)];
        var outcomes = new List<HandshakeSourceOutcome>();
        for (IdentitySource source = IdentitySource.QueryDeviceId; source < IdentitySource.DeviceId; source++)
        {
            IdentityOutcome outcome = identity.Outcome(source);
            string? id = outcome.IsRefused()
                ? DeviceIdentity.RenderRefused(request, scratch, source)
                : DeviceIdentity.ReadOne(request, scratch, source) is { } valid ? HandshakeText.Render(Encoding.UTF8.GetBytes(valid)) : null;
            outcomes.Add(new HandshakeSourceOutcome(source.ToString(), outcome.ToString(), id));
        }

        return outcomes;
    }
}
