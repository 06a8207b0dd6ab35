using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FastGate.Webhooks;

/// <summary>
/// Signs a request as the Standard Webhooks specification describes: HMAC-SHA256 over id, time and body. A receiver checks it with a library of that
/// specification, and refuses an old time.
/// </summary>
internal sealed class WebhookSignature(IReadOnlyList<string> secrets)
{
    private const string Base64Prefix = "whsec_";

    private readonly byte[][] _keys = [.. secrets.Select(KeyOf)];

    /// <summary>One signature for each key, separated by spaces.</summary>
    public string Sign(string id, long unixSeconds, ReadOnlySpan<byte> body)
    {
        byte[] prefix = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{unixSeconds}."));
        byte[] signed = [.. prefix, .. body];
        return string.Join(' ', _keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"));
    }

    /// <summary>The bytes of a secret in the form of the specification, else the secret's characters.</summary>
    private static byte[] KeyOf(string secret)
    {
        string encoded = secret.StartsWith(Base64Prefix, StringComparison.Ordinal) ? secret[Base64Prefix.Length..] : "";
        byte[] key = new byte[encoded.Length];
        return encoded.Length > 0 && Convert.TryFromBase64String(encoded, key, out int length) ? key[..length] : Encoding.UTF8.GetBytes(secret);
    }
}
