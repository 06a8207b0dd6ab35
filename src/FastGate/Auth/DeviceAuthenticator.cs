using System.Buffers.Text;
using System.Security.Cryptography;

namespace FastGate.Auth;

/// <summary>
/// Checks a device's credential before its connection is upgraded. Called on event loops: no lock, no wait and no allocation; enforced by
/// AuthPolicyTests.
/// </summary>
internal sealed class DeviceAuthenticator(AuthPolicy policy)
{
    /// <summary>Longer than any configured or signed token.</summary>
    private const int MaxToken = 1_024;

    /// <summary>Digits of the largest timestamp of 63 bits.</summary>
    private const int MaxTimestampDigits = 19;

    public AuthResult Authenticate(in DeviceCredential credential, long nowUnixSeconds)
    {
        AuthRules rules = policy.Rules;
        if (!rules.Enabled)
        {
            return AuthResult.Off;
        }

        if (rules.IsAllowed(credential.DeviceId))
        {
            return AuthResult.AllowedDevice;
        }

        ReadOnlySpan<byte> authorization = credential.Authorization;
        bool isBearer = authorization.StartsWith("Bearer "u8);
        ReadOnlySpan<byte> token = credential.Token.IsEmpty && isBearer ? authorization["Bearer ".Length..] : credential.Token;
        if (token.IsEmpty)
        {
            return isBearer || authorization.IsEmpty || authorization.SequenceEqual("Bearer"u8) ? AuthResult.MissingToken : AuthResult.BadScheme;
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

        if (!DeviceToken.IsSignedFor(rules.Key, credential.ClientId, credential.DeviceId, timestamp, signature)
            && !DeviceToken.IsSignedFor(rules.Key, credential.RawClientId, credential.RawDeviceId, timestamp, signature))
        {
            return Explain(rules, credential, timestamp, signedAt, signature);
        }

        // Clocks of devices and servers differ: a future time is accepted, as the old server does.
        return nowUnixSeconds - signedAt > rules.ExpireSeconds ? AuthResult.Expired : AuthResult.DeviceToken;
    }

    /// <summary>
    /// Finds the ids that a refused token was signed for, among those of the request and of the last tokens issued. The device only sees the
    /// 401; every comparison is in constant time.
    /// </summary>
    private AuthResult Explain(
        AuthRules rules, in DeviceCredential credential, ReadOnlySpan<byte> timestamp, long signedAt, ReadOnlySpan<byte> signature)
    {
        for (int form = 0; form < 4; form++)
        {
            ReadOnlySpan<byte> client = (form & 1) == 0 ? credential.ClientId : credential.RawClientId;
            ReadOnlySpan<byte> device = (form & 2) == 0 ? credential.DeviceId : credential.RawDeviceId;
            if (DeviceToken.IsSignedFor(rules.Key, device, device, timestamp, signature))
            {
                return AuthResult.OtherClientId;
            }

            if (DeviceToken.IsSignedFor(rules.Key, client, client, timestamp, signature))
            {
                return AuthResult.OtherDeviceId;
            }

            if (DeviceToken.IsSignedFor(rules.Key, device, client, timestamp, signature))
            {
                return AuthResult.OtherIds;
            }

            if (credential.ClientId.SequenceEqual(credential.RawClientId) && credential.DeviceId.SequenceEqual(credential.RawDeviceId))
            {
                break;
            }
        }

        return policy.Issued.Compare(rules.Key, credential, timestamp, signedAt, signature);
    }

    /// <summary>Compares with every configured token, so that the time does not depend on which one matches.</summary>
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
}
