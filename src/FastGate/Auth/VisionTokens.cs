using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastGate.Protocol.Identity;

namespace FastGate.Auth;

/// <summary>
/// The tokens with which a device sends pictures: <c>signature.timestamp</c>, signed over the device's normalised id. Required with authentication off
/// too, because each picture costs a call of a model. The key is derived, so that no token is valid as a token of a handshake.
/// </summary>
internal sealed class VisionTokens(AuthPolicy policy)
{
    /// <summary>A device's clock has no part in it; this is for several servers with one key.</summary>
    private static readonly TimeSpan s_clockDifference = TimeSpan.FromMinutes(5);

    /// <summary>The key while none is configured: tokens then end with this process. Created at its first use, because it loads OpenSSL.</summary>
    private readonly Lazy<byte[]> _randomKey = new(static () => RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes));

    /// <summary>Null for an id that cannot be normalised.</summary>
    public string? Issue(string deviceId, DateTimeOffset now)
    {
        string timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return DeviceIdentity.Normalize(deviceId) is { } device ? $"{Sign(device, timestamp)}.{timestamp}" : null;
    }

    /// <summary>Compares in constant time.</summary>
    public bool IsValid(string token, string deviceId, DateTimeOffset now, TimeSpan lifetime)
    {
        int dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || DeviceIdentity.Normalize(deviceId) is not { } device ||
            !long.TryParse(token.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long issued))
        {
            return false;
        }

        byte[] expected = Encoding.ASCII.GetBytes(Sign(device, issued.ToString(CultureInfo.InvariantCulture)));
        long age = now.ToUnixTimeSeconds() - issued;
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(token[..dot])) &&
            age <= (long)lifetime.TotalSeconds && age >= -(long)s_clockDifference.TotalSeconds;
    }

    private string Sign(string device, string timestamp)
    {
        byte[] configured = policy.Rules.Key;
        byte[] key = HMACSHA256.HashData(configured.Length > 0 ? configured : _randomKey.Value, "fastgate vision"u8);
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{device}|{timestamp}")));
    }
}
