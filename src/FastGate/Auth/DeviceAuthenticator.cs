using System.Buffers.Text;
using System.Security.Cryptography;

namespace FastGate.Auth;

/// <summary>
/// Decides on a device's credential before its connection is upgraded. Called on event loops: no lock, no wait and no
/// allocation (AuthPolicyTests goes red).
/// </summary>
internal sealed class DeviceAuthenticator(AuthPolicy policy)
{
    /// <summary>Longer than any header the handshake lets through would make sense of.</summary>
    private const int MaxToken = 1_024;

    /// <summary>Digits of the largest timestamp of 63 bits.</summary>
    private const int MaxTimestampDigits = 19;

    /// <summary>
    /// <paramref name="credential"/> is the value of the header or of the decoded query key, with its scheme. The raw ids are
    /// decoded but not normalised: a token is signed over the ids as the OTA call saw them, and either spelling may have been there.
    /// </summary>
    public AuthResult Authenticate(
        ReadOnlySpan<byte> credential,
        ReadOnlySpan<byte> rawDeviceId,
        ReadOnlySpan<byte> rawClientId,
        ReadOnlySpan<byte> deviceId,
        ReadOnlySpan<byte> clientId,
        long nowUnixSeconds)
    {
        AuthRules rules = policy.Rules;
        if (NeedsNoToken(rules, deviceId) is { } accepted)
        {
            return accepted;
        }

        if (credential.StartsWith("Bearer "u8))
        {
            return CheckToken(rules, credential["Bearer ".Length..], rawDeviceId, rawClientId, deviceId, clientId, nowUnixSeconds);
        }

        return credential.IsEmpty || credential.SequenceEqual("Bearer"u8) ? AuthResult.MissingToken : AuthResult.BadScheme;
    }

    /// <summary>The same for a token whose scheme has been read and taken off.</summary>
    public AuthResult AuthenticateToken(
        ReadOnlySpan<byte> token,
        ReadOnlySpan<byte> rawDeviceId,
        ReadOnlySpan<byte> rawClientId,
        ReadOnlySpan<byte> deviceId,
        ReadOnlySpan<byte> clientId,
        long nowUnixSeconds)
    {
        AuthRules rules = policy.Rules;
        return NeedsNoToken(rules, deviceId) ?? CheckToken(rules, token, rawDeviceId, rawClientId, deviceId, clientId, nowUnixSeconds);
    }

    private static AuthResult? NeedsNoToken(AuthRules rules, ReadOnlySpan<byte> deviceId) =>
        !rules.Enabled ? AuthResult.Off : rules.IsAllowed(deviceId) ? AuthResult.AllowedDevice : null;

    private static AuthResult CheckToken(
        AuthRules rules,
        ReadOnlySpan<byte> token,
        ReadOnlySpan<byte> rawDeviceId,
        ReadOnlySpan<byte> rawClientId,
        ReadOnlySpan<byte> deviceId,
        ReadOnlySpan<byte> clientId,
        long nowUnixSeconds)
    {
        if (token.IsEmpty)
        {
            return AuthResult.MissingToken;
        }

        if (token.Length > MaxToken)
        {
            return AuthResult.MalformedToken;
        }

        if (IsStaticToken(rules, token))
        {
            return AuthResult.StaticToken;
        }

        AuthResult parsed = ParseDeviceToken(token, out ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> timestamp, out long signedAt);
        if (parsed != AuthResult.DeviceToken)
        {
            return parsed;
        }

        if (!(IsSignedFor(rules, rawClientId, rawDeviceId, timestamp, signature) || IsSignedFor(rules, clientId, deviceId, timestamp, signature)))
        {
            return AuthResult.BadSignature;
        }

        // Device clocks and servers disagree: a time to come is accepted, as the old server does.
        return nowUnixSeconds - signedAt > rules.ExpireSeconds ? AuthResult.Expired : AuthResult.DeviceToken;
    }

    /// <summary>Looks at every configured token, whichever matches.</summary>
    private static bool IsStaticToken(AuthRules rules, ReadOnlySpan<byte> token)
    {
        if (rules.TokenHashes.Length == 0)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(token, hash);
        bool found = false;
        foreach (byte[] known in rules.TokenHashes)
        {
            found |= CryptographicOperations.FixedTimeEquals(hash, known);
        }

        return found;
    }

    private static AuthResult ParseDeviceToken(
        ReadOnlySpan<byte> token, out ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> timestamp, out long signedAt)
    {
        signedAt = 0;
        int dot = token.IndexOf((byte)'.');
        signature = dot < 0 ? default : token[..dot];
        timestamp = dot < 0 ? default : token[(dot + 1)..];
        if (signature.Length != DeviceToken.SignatureLength || timestamp.IsEmpty || timestamp.ContainsAnyExceptInRange((byte)'0', (byte)'9') ||
            (timestamp[0] == (byte)'0' && timestamp.Length > 1))
        {
            return AuthResult.MalformedToken;
        }

        return timestamp.Length <= MaxTimestampDigits && Utf8Parser.TryParse(timestamp, out signedAt, out int consumed) && consumed == timestamp.Length
            ? AuthResult.DeviceToken
            : AuthResult.TimestampOverflow;
    }

    private static bool IsSignedFor(
        AuthRules rules, ReadOnlySpan<byte> clientId, ReadOnlySpan<byte> deviceId, ReadOnlySpan<byte> timestamp, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[DeviceToken.SignatureLength];
        return DeviceToken.TrySign(rules.Key, clientId, deviceId, timestamp, expected) &&
            CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
