using System.Globalization;
using FastGate.Auth;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Flight;

/// <summary>The verdict on a credential that was refused. Only <see cref="DetailOf"/> allocates.</summary>
internal static class CredentialVerdicts
{
    /// <summary>A time before this comes from a clock that was never set.</summary>
    private static readonly DateTimeOffset s_clockIsSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan s_clocksDiffer = TimeSpan.FromMinutes(5);

    public static Verdict Of(AuthResult auth, scoped in DeviceIdentity identity, scoped in HandshakeRequest request) => auth switch
    {
        AuthResult.MissingToken => Verdict.TokenMissing,
        AuthResult.BadScheme => Verdict.TokenScheme,
        AuthResult.MalformedToken or AuthResult.TimestampOverflow => Verdict.TokenMalformed,
        AuthResult.OtherClientId or AuthResult.OtherDeviceId or AuthResult.OtherIds => Verdict.TokenOtherIds,
        AuthResult.Expired => TimeOf(identity, request) < s_clockIsSet ? Verdict.ClockSkew : Verdict.TokenExpired,
        _ => TimeOf(identity, request) - DateTimeOffset.UtcNow > s_clocksDiffer ? Verdict.ClockSkew : Verdict.TokenWrongKey,
    };

    /// <summary>Which id differs, how far the clocks are apart, or what is wrong with the form of the token.</summary>
    public static string? DetailOf(AuthResult auth, scoped in DeviceIdentity identity, scoped in HandshakeRequest request)
    {
        switch (auth)
        {
            case AuthResult.MissingToken:
                return null;
            case AuthResult.BadScheme or AuthResult.MalformedToken or AuthResult.TimestampOverflow:
                ReadOnlySpan<byte> token = TokenOf(identity, request);
                return token.IsEmpty || token[0] is not ((byte)'"' or (byte)'\'') ? null : "the token is in quotes";
            case AuthResult.OtherClientId:
                return "the token is for another client id (Client-Id)";
            case AuthResult.OtherDeviceId:
                return "the token is for another device id (Device-Id)";
            case AuthResult.OtherIds:
                return "the token is for another device id and another client id";
        }

        if (TimeOf(identity, request) is not { } at || (auth != AuthResult.Expired && at - DateTimeOffset.UtcNow <= s_clocksDiffer))
        {
            return null;
        }

        long seconds = (long)(DateTimeOffset.UtcNow - at).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"the token's time is {at:u}, {Math.Abs(seconds)} s {(seconds < 0 ? "ahead of" : "behind")} this server's clock");
    }

    /// <summary>The time in a signed token, which is no secret. It is not checked.</summary>
    private static DateTimeOffset? TimeOf(scoped in DeviceIdentity identity, scoped in HandshakeRequest request)
    {
        ReadOnlySpan<byte> token = TokenOf(identity, request);
        return long.TryParse(token[(token.LastIndexOf((byte)'.') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
    }

    private static ReadOnlySpan<byte> TokenOf(scoped in DeviceIdentity identity, scoped in HandshakeRequest request) =>
        identity.BearerToken.IsEmpty ? request.Authorization : identity.BearerToken;
}
