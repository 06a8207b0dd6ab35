using System.Buffers;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Names of the known headers, matched on bytes without regard to case.</summary>
internal static class HeaderNames
{
    /// <summary>Token characters of RFC 9110 section 5.6.2.</summary>
    public static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The known header that <paramref name="name"/> spells, or <see cref="KnownHeader.Unknown"/>.</summary>
    /// <remarks>A match is always a valid token, so only unknown names need their characters looked at.</remarks>
    public static KnownHeader Match(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 4:
                return Is(name, "host"u8) ? KnownHeader.Host : KnownHeader.Unknown;
            case 6:
                return Is(name, "origin"u8) ? KnownHeader.Origin : KnownHeader.Unknown;
            case 7:
                return Is(name, "upgrade"u8) ? KnownHeader.Upgrade : KnownHeader.Unknown;
            case 9:
                return MatchNine(name);
            case 10:
                return Is(name, "connection"u8) ? KnownHeader.Connection
                    : Is(name, "user-agent"u8) ? KnownHeader.UserAgent : KnownHeader.Unknown;
            case 11:
                return MatchEleven(name);
            case 13:
                return Is(name, "authorization"u8) ? KnownHeader.Authorization : KnownHeader.Unknown;
            case 14:
                return Is(name, "content-length"u8) ? KnownHeader.ContentLength : KnownHeader.Unknown;
            case 15:
                return Is(name, "x-forwarded-for"u8) ? KnownHeader.XForwardedFor : KnownHeader.Unknown;
            case 16:
                return Is(name, "protocol-version"u8) ? KnownHeader.ProtocolVersion : KnownHeader.Unknown;
            case 17:
                return Is(name, "sec-websocket-key"u8) ? KnownHeader.WebSocketKey
                    : Is(name, "transfer-encoding"u8) ? KnownHeader.TransferEncoding : KnownHeader.Unknown;
            case 21:
                return Is(name, "sec-websocket-version"u8) ? KnownHeader.WebSocketVersion : KnownHeader.Unknown;
            case 22:
                return Is(name, "sec-websocket-protocol"u8) ? KnownHeader.WebSocketProtocol : KnownHeader.Unknown;
            case 24:
                return Is(name, "sec-websocket-extensions"u8) ? KnownHeader.WebSocketExtensions : KnownHeader.Unknown;
            default:
                return KnownHeader.Unknown;
        }
    }

    private static KnownHeader MatchNine(ReadOnlySpan<byte> name) => (name[0] | 0x20) switch
    {
        'd' => Is(name, "device-id"u8) ? KnownHeader.DeviceId
            : Is(name, "device_id"u8) ? KnownHeader.DeviceIdUnderscore : KnownHeader.Unknown,
        'c' => Is(name, "client-id"u8) ? KnownHeader.ClientId
            : Is(name, "client_id"u8) ? KnownHeader.ClientIdUnderscore : KnownHeader.Unknown,
        'x' => Is(name, "x-real-ip"u8) ? KnownHeader.XRealIp : KnownHeader.Unknown,
        _ => KnownHeader.Unknown,
    };

    private static KnownHeader MatchEleven(ReadOnlySpan<byte> name) => (name[2] | 0x20) switch
    {
        'd' => Is(name, "x-device-id"u8) ? KnownHeader.XDeviceId
            : Is(name, "x-device_id"u8) ? KnownHeader.XDeviceIdUnderscore : KnownHeader.Unknown,
        'c' => Is(name, "x-client-id"u8) ? KnownHeader.XClientId
            : Is(name, "x-client_id"u8) ? KnownHeader.XClientIdUnderscore : KnownHeader.Unknown,
        _ => KnownHeader.Unknown,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(name, lower);
}
