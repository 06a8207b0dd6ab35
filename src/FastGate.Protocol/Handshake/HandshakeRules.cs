using System.Buffers;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>
/// Decides whether a parsed request is an upgrade, a plain request, or refused: RFC 6455 section 4.2.1, RFC 9112, and the gateway's own rule that
/// requests have no body.
/// </summary>
/// <remarks>Budget: no allocation; enforced by <c>HandshakeAllocationTests</c>.</remarks>
public static class HandshakeRules
{
    private const int KeyLength = 24;

    private static readonly SearchValues<byte> s_base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    // Characters of a host name (RFC 3986 section 3.2.2) except the comma, which separates the hosts of a list.
    private static readonly SearchValues<byte> s_hostName =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+;="u8);

    // Characters of an IPv6 address with an optional zone.
    private static readonly SearchValues<byte> s_bracketed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:"u8);

    /// <summary>
    /// The first rule that <paramref name="request"/> breaks; <see cref="HandshakeError.NotUpgrade"/> or
    /// <see cref="HandshakeError.KeyWithoutUpgrade"/> for a request without an upgrade;
    /// <see cref="HandshakeError.None"/> when the connection can be upgraded.
    /// </summary>
    /// <param name="request">A request whose parser has returned Done.</param>
    public static HandshakeError Check(in HandshakeRequest request)
    {
        // General rules come first, so that an ambiguous request never gets a 200.
        HandshakeError error = CheckRequest(in request);
        return error != HandshakeError.None ? error
            : IsUpgrade(in request) ? CheckUpgrade(in request)
            : request.Has(KnownHeader.WebSocketKey) || request.Has(KnownHeader.WebSocketVersion) ? HandshakeError.KeyWithoutUpgrade
            : HandshakeError.NotUpgrade;
    }

    /// <summary>True for a HEAD request, whose response has no body.</summary>
    public static bool IsHead(in HandshakeRequest request) => request.Method.SequenceEqual("HEAD"u8);

    private static HandshakeError CheckRequest(in HandshakeRequest request) =>
        // RFC 9110 section 9.1: methods are case-sensitive, so "get" is a different method.
        !request.Method.SequenceEqual("GET"u8) && !IsHead(in request) ? HandshakeError.MethodNotAllowed
        // RFC 9112 section 3.2: origin-form or absolute-form; "*" and an authority are for OPTIONS and CONNECT.
        : !RequestTarget.IsWellFormed(request.Target) ? HandshakeError.MalformedTarget
        // Frames follow the head. A request that declares a body could be read differently by a proxy and by the gateway, so refuse it.
        : request.Has(KnownHeader.TransferEncoding) ? HandshakeError.TransferEncoding
        : DeclaresBody(in request) ? HandshakeError.ContentLength
        // RFC 9112 section 3.2: a request with several Host headers or an invalid one must be refused.
        : request.IsRepeated(KnownHeader.Host) ? HandshakeError.RepeatedHost
        : request.Has(KnownHeader.Host) ? CheckHost(request.Header(KnownHeader.Host))
        : HandshakeError.None;

    private static HandshakeError CheckUpgrade(in HandshakeRequest request) =>
        IsHead(in request) ? HandshakeError.MethodNotAllowed
        // RFC 6455 section 4.1: HTTP/1.1 or higher; the parser accepts only 1.x.
        : request.MinorVersion == 0 ? HandshakeError.UpgradeOverHttp10
        // Required for an upgrade only: some health checks send no Host, and the gateway does not use it.
        : !request.Has(KnownHeader.Host) ? HandshakeError.MissingHost
        // The version before the key, because another WebSocket version may define the key differently.
        : request.IsRepeated(KnownHeader.WebSocketVersion) ? HandshakeError.RepeatedVersion
        : !request.Has(KnownHeader.WebSocketVersion) ? HandshakeError.MissingVersion
        : !request.Header(KnownHeader.WebSocketVersion).SequenceEqual("13"u8) ? HandshakeError.UnsupportedVersion
        : !request.Has(KnownHeader.WebSocketKey) ? HandshakeError.MissingKey
        : request.IsRepeated(KnownHeader.WebSocketKey) ? HandshakeError.RepeatedKey
        : !IsKey(request.WebSocketKey) ? HandshakeError.MalformedKey
        : HandshakeError.None;

    private static bool DeclaresBody(in HandshakeRequest request)
    {
        HeaderLineReader lines = request.Lines;
        while (request.Has(KnownHeader.ContentLength) && lines.Read())
        {
            if (lines.Is(KnownHeader.ContentLength) && (lines.Value.IsEmpty || lines.Value.ContainsAnyExcept((byte)'0')))
            {
                return true;
            }
        }

        return false;
    }

    // uri-host [ ":" port ], in one pass. The port may be empty (RFC 3986 section 3.2.3).
    private static HandshakeError CheckHost(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return HandshakeError.MissingHost;
        }

        int end;
        if (value[0] == '[')
        {
            end = value.IndexOf((byte)']') + 1;
            if (end < 3 || value[1..(end - 1)].ContainsAnyExcept(s_bracketed))
            {
                return HandshakeError.MalformedHost;
            }
        }
        else
        {
            end = value.IndexOfAnyExcept(s_hostName);
            end = end < 0 ? value.Length : end;
        }

        ReadOnlySpan<byte> port = value[end..];
        bool isPort = port.IsEmpty || (end > 0 && port[0] == ':' && !port[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
        return isPort ? HandshakeError.None : HandshakeError.MalformedHost;
    }

    // Sec-WebSocket-Key = 24 characters of base64 for 16 bytes (RFC 6455 section 4.1). Only the form is checked: devices with an unseeded random
    // number generator send equal keys.
    private static bool IsKey(ReadOnlySpan<byte> key) =>
        key.Length == KeyLength && key.EndsWith("=="u8) && !key[..^2].ContainsAnyExcept(s_base64);

    private static bool IsUpgrade(in HandshakeRequest request) =>
        HasToken(in request, KnownHeader.Upgrade, "websocket"u8) && HasToken(in request, KnownHeader.Connection, "upgrade"u8);

    // Several lines of a list header form one list (RFC 9110 section 5.3).
    private static bool HasToken(in HandshakeRequest request, KnownHeader header, ReadOnlySpan<byte> lowerCaseToken)
    {
        if (!request.IsRepeated(header))
        {
            return HasToken(request.Header(header), lowerCaseToken);
        }

        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            if (lines.Is(header) && HasToken(lines.Value, lowerCaseToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the comma-separated <paramref name="list"/> contains the token in any case (RFC 9110 section 5.6.1).</summary>
    private static bool HasToken(ReadOnlySpan<byte> list, ReadOnlySpan<byte> lowerCaseToken)
    {
        foreach (Range element in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(list[element].Trim(" \t"u8), lowerCaseToken))
            {
                return true;
            }
        }

        return false;
    }
}
