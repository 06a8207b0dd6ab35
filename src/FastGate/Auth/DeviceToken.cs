using System.Buffers.Text;
using System.Security.Cryptography;

namespace FastGate.Auth;

/// <summary>
/// The signature of a device token: base64url without padding of HMAC-SHA256 over <c>clientId|deviceId|timestamp</c>, as in
/// xiaozhi-server. xiaozhi-server signs the ids as received, this server signs them normalised; both forms are accepted.
/// </summary>
internal static class DeviceToken
{
    /// <summary>32 bytes in base64url.</summary>
    public const int SignatureLength = 43;

    /// <summary>Normalised ids have at most 128 bytes each; raw ids may have quotes and spaces around them.</summary>
    private const int MaxInput = 1_024;

    /// <summary>
    /// Returns false when the ids are too long or contain the separator, which would let two devices share a signature. Allocates nothing.
    /// </summary>
    public static bool TrySign(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> clientId, ReadOnlySpan<byte> deviceId, ReadOnlySpan<byte> timestamp, Span<byte> signature)
    {
        int length = clientId.Length + deviceId.Length + timestamp.Length + 2;
        if (length > MaxInput || clientId.Contains((byte)'|') || deviceId.Contains((byte)'|'))
        {
            return false;
        }

        Span<byte> input = stackalloc byte[MaxInput];
        clientId.CopyTo(input);
        int at = clientId.Length;
        input[at++] = (byte)'|';
        deviceId.CopyTo(input[at..]);
        at += deviceId.Length;
        input[at++] = (byte)'|';
        timestamp.CopyTo(input[at..]);

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, input[..length], mac);
        Base64Url.EncodeToUtf8(mac, signature, out _, out _);
        return true;
    }

    /// <summary>Compares in constant time. Allocates nothing.</summary>
    public static bool IsSignedFor(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> clientId, ReadOnlySpan<byte> deviceId, ReadOnlySpan<byte> timestamp, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[SignatureLength];
        return TrySign(key, clientId, deviceId, timestamp, expected) && CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
