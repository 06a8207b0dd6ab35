using System.Security.Cryptography;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Protocol.Identity;

namespace FastGate.Auth;

/// <summary>The auth options in a form prepared for the handshake; immutable.</summary>
internal sealed class AuthRules
{
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _allowed;

    public AuthRules(AuthOptions options, byte[] key)
    {
        Enabled = options.Enabled;
        Key = key;
        ExpireSeconds = options.ExpireSeconds;
        Ota = options.Ota;
        TokenHashes = [.. options.Tokens.Select(static token => SHA256.HashData(Encoding.UTF8.GetBytes(token)))];
        var allowed = options.AllowedDevices.Select(DeviceIdentity.Normalize).OfType<string>().ToHashSet(StringComparer.Ordinal);
        Allowed = allowed;
        _allowed = allowed.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public bool Enabled { get; }

    public byte[] Key { get; }

    public long ExpireSeconds { get; }

    /// <summary>Which devices get a token by OTA.</summary>
    public OtaAccess Ota { get; }

    /// <summary>Hashes, because comparing values of equal length does not reveal the length of a token.</summary>
    public byte[][] TokenHashes { get; }

    /// <summary>Normalised device ids.</summary>
    public IReadOnlySet<string> Allowed { get; }

    /// <summary>Whether a normalised id is in the allow-list. Allocates nothing.</summary>
    public bool IsAllowed(ReadOnlySpan<byte> deviceId)
    {
        Span<char> text = stackalloc char[128];
        return Allowed.Count > 0 && deviceId.Length is > 0 and <= 128 && Encoding.UTF8.TryGetChars(deviceId, text, out int length) &&
            _allowed.Contains(text[..length]);
    }
}
