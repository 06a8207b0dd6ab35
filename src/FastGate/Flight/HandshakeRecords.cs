using System.Globalization;
using System.Net;
using System.Text;
using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

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

    /// <summary>A time before this comes from a clock that was never set.</summary>
    private static readonly DateTimeOffset s_clockIsSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan s_clocksDiffer = TimeSpan.FromMinutes(5);

    public static ConnectionRecord OfRefusal(in HandshakeRequest request, HandshakeError error, ReadOnlySpan<byte> received, EndPoint? peer, HandshakeLimits limits)
    {
        (Verdict verdict, string? detail) = RequestVerdicts.Of(error, request, received);
        return Of(request, verdict, peer, error.ToString(), error.HttpStatus()) with { DeviceId = IdOf(request, limits), Detail = detail };
    }

    /// <summary>The received part of a request whose connection ended without an answer.</summary>
    public static ConnectionRecord OfIncomplete(
        in HandshakeRequest request, ConnectionEndReason reason, ReadOnlySpan<byte> received, EndPoint? peer, HandshakeLimits limits)
    {
        (Verdict verdict, string? detail) = RequestVerdicts.OfIncomplete(reason == ConnectionEndReason.HandshakeTimeout, received);
        return Of(request, verdict, peer, reason.ToString(), status: 0) with { DeviceId = IdOf(request, limits), Detail = detail };
    }

    public static ConnectionRecord OfIdentity(in HandshakeRequest request, in DeviceIdentity identity, AuthResult auth, EndPoint? peer, HandshakeLimits limits)
    {
        HandshakeError error = auth.IsAccepted() ? HandshakeError.None : HandshakeError.NotAuthorized;
        List<HandshakeSourceOutcome> sources = OutcomesOf(request, identity, limits);
        (Verdict verdict, string? detail) = auth.IsAccepted() ? (OfId(identity), null) : OfAuth(auth, TimeOf(identity, request));
        return Of(request, verdict, peer, auth.IsAccepted() ? null : error.ToString(), error.HttpStatus()) with
        {
            Sources = sources,
            DeviceId = Encoding.UTF8.GetString(identity.DeviceId),
            Source = identity.DeviceSource.ToString(),
            Auth = auth.ToString(),
            Detail = detail,
        };
    }

    public static ConnectionRecord OfBan(in HandshakeRequest request, Ban ban, string deviceId, EndPoint? peer, HandshakeLimits limits) =>
        Of(request, Verdict.Banned, peer, HandshakeError.Banned.ToString(), HandshakeError.Banned.HttpStatus()) with
        {
            DeviceId = deviceId.Length == 0 ? IdOf(request, limits) : deviceId,
            Detail = Describe(ban),
        };

    public static ConnectionRecord OfDrain(in HandshakeRequest request, string deviceId, EndPoint? peer) =>
        Of(request, Verdict.Draining, peer, HandshakeError.Draining.ToString(), HandshakeError.Draining.HttpStatus()) with { DeviceId = deviceId };

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
            ForwardedFor = forwarded.IsEmpty ? null : HandshakeText.Render(forwarded),
            Target = HandshakeText.RenderTarget(request.Target),
            HeaderNames = NamesOf(request),
            Error = error,
            Status = status,
        };
    }

    private static Verdict OfId(in DeviceIdentity identity)
    {
        if (!identity.IsGenerated)
        {
            return Verdict.IdConflict;
        }

        for (IdentitySource source = IdentitySource.QueryDeviceId; source < IdentitySource.DeviceId; source++)
        {
            if (identity.Outcome(source) is IdentityOutcome.TooLong or IdentityOutcome.BadCharacters or IdentityOutcome.BadEncoding)
            {
                return Verdict.IdRefused;
            }
        }

        return Verdict.IdMissing;
    }

    private static (Verdict Verdict, string? Detail) OfAuth(AuthResult auth, DateTimeOffset? signedAt) => auth switch
    {
        AuthResult.MissingToken => (Verdict.TokenMissing, null),
        AuthResult.BadScheme => (Verdict.TokenScheme, null),
        AuthResult.MalformedToken or AuthResult.TimestampOverflow => (Verdict.TokenMalformed, null),
        AuthResult.OtherClientId or AuthResult.OtherDeviceId or AuthResult.OtherIds => (Verdict.TokenOtherIds, auth.ToString()),
        AuthResult.Expired => (signedAt < s_clockIsSet ? Verdict.ClockSkew : Verdict.TokenExpired, AgeOf(signedAt)),
        _ => signedAt - DateTimeOffset.UtcNow > s_clocksDiffer ? (Verdict.ClockSkew, AgeOf(signedAt)) : (Verdict.TokenWrongKey, null),
    };

    private static string? AgeOf(DateTimeOffset? signedAt)
    {
        if (signedAt is not { } at)
        {
            return null;
        }

        long seconds = (long)(DateTimeOffset.UtcNow - at).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"the token's time is {at:u}, {Math.Abs(seconds)} s {(seconds < 0 ? "ahead of" : "behind")} this server's clock");
    }

    /// <summary>The time in a signed token, which is no secret. It is not checked.</summary>
    private static DateTimeOffset? TimeOf(in DeviceIdentity identity, in HandshakeRequest request)
    {
        ReadOnlySpan<byte> token = identity.BearerToken.IsEmpty ? request.Authorization : identity.BearerToken;
        return long.TryParse(token[(token.LastIndexOf((byte)'.') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
    }

    /// <summary>The device id of a request that is refused for another reason, so that the record is found by it.</summary>
    private static string? IdOf(in HandshakeRequest request, HandshakeLimits limits)
    {
        Span<byte> scratch = new byte[DeviceIdentity.ScratchLength(limits)];
        for (IdentitySource source = IdentitySource.QueryDeviceId; source < IdentitySource.DeviceId; source++)
        {
            if (DeviceIdentity.ReadOne(request, scratch, source) is string id)
            {
                return HandshakeText.Render(Encoding.UTF8.GetBytes(id));
            }
        }

        return null;
    }

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
            string? id = DeviceIdentity.ReadOne(request, scratch, source);
            outcomes.Add(new HandshakeSourceOutcome(
                source.ToString(), identity.Outcome(source).ToString(), id is null ? null : HandshakeText.Render(Encoding.UTF8.GetBytes(id))));
        }

        return outcomes;
    }
}
