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
        // General rules come first, so that an ambiguous request never gets a 200. Then the rules of an upgrade; the version before the key, because
        // another WebSocket version may define the key differently.
        HandshakeError error = CheckMethod(in request);
        if (error == HandshakeError.None)
        {
            error = CheckTarget(in request);
        }

        if (error == HandshakeError.None)
        {
            error = CheckBody(in request);
        }

        if (error == HandshakeError.None)
        {
            error = CheckHost(in request);
        }

        if (error != HandshakeError.None)
        {
            return error;
        }

        return IsUpgrade(in request) ? CheckUpgrade(in request)
            : request.Has(KnownHeader.WebSocketKey) || request.Has(KnownHeader.WebSocketVersion) ? HandshakeError.KeyWithoutUpgrade
            : HandshakeError.NotUpgrade;
    }

    /// <summary>True for a HEAD request, whose response has no body.</summary>
    public static bool IsHead(in HandshakeRequest request) => request.Method.SequenceEqual("HEAD"u8);

    private static HandshakeError CheckUpgrade(in HandshakeRequest request)
    {
        HandshakeError error = CheckUpgradeMethod(in request);
        if (error == HandshakeError.None)
        {
            error = CheckHttp11(in request);
        }

        if (error == HandshakeError.None)
        {
            error = CheckHostIsPresent(in request);
        }

        if (error == HandshakeError.None)
        {
            error = CheckVersion(in request);
        }

        return error == HandshakeError.None ? CheckKey(in request) : error;
    }

    // RFC 9110 section 9.1: methods are case-sensitive, so "get" is a different method.
    private static HandshakeError CheckMethod(in HandshakeRequest request) =>
        request.Method.SequenceEqual("GET"u8) || IsHead(in request) ? HandshakeError.None : HandshakeError.MethodNotAllowed;

    // RFC 9112 section 3.2: origin-form or absolute-form; "*" and an authority are for OPTIONS and CONNECT.
    private static HandshakeError CheckTarget(in HandshakeRequest request) =>
        RequestTarget.IsWellFormed(request.Target) ? HandshakeError.None : HandshakeError.MalformedTarget;

    // Frames follow the head. A request that declares a body could be read differently by a proxy and by the gateway, so refuse it.
    private static HandshakeError CheckBody(in HandshakeRequest request)
    {
        if (request.Has(KnownHeader.TransferEncoding))
        {
            return HandshakeError.TransferEncoding;
        }

        if (!request.Has(KnownHeader.ContentLength))
        {
            return HandshakeError.None;
        }

        if (!request.IsRepeated(KnownHeader.ContentLength))
        {
            return IsZero(request.ContentLength) ? HandshakeError.None : HandshakeError.ContentLength;
        }

        foreach (ReadOnlySpan<byte> value in request.Values(KnownHeader.ContentLength))
        {
            if (!IsZero(value))
            {
                return HandshakeError.ContentLength;
            }
        }

        return HandshakeError.None;
    }

    // RFC 9112 section 3.2: a request with several Host headers or an invalid one must be refused.
    private static HandshakeError CheckHost(in HandshakeRequest request)
    {
        if (request.IsRepeated(KnownHeader.Host))
        {
            return HandshakeError.RepeatedHost;
        }

        ReadOnlySpan<byte> host = request.Host;
        return host.IsEmpty
            ? request.Has(KnownHeader.Host) ? HandshakeError.MissingHost : HandshakeError.None
            : IsHost(host) ? HandshakeError.None : HandshakeError.MalformedHost;
    }

    // uri-host [ ":" port ], in one pass. The port may be empty (RFC 3986 section 3.2.3).
    private static bool IsHost(ReadOnlySpan<byte> value)
    {
        int end;
        if (value[0] == '[')
        {
            end = value.IndexOf((byte)']') + 1;
            if (end < 3 || value[1..(end - 1)].ContainsAnyExcept(s_bracketed))
            {
                return false;
            }
        }
        else
        {
            end = value.IndexOfAnyExcept(s_hostName);
            if (end <= 0)
            {
                return end < 0;
            }
        }

        ReadOnlySpan<byte> port = value[end..];
        return port.IsEmpty || (port[0] == ':' && !port[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
    }

    private static bool IsUpgrade(in HandshakeRequest request) =>
        HasToken(in request, KnownHeader.Upgrade, "websocket"u8) && HasToken(in request, KnownHeader.Connection, "upgrade"u8);

    private static HandshakeError CheckUpgradeMethod(in HandshakeRequest request) =>
        IsHead(in request) ? HandshakeError.MethodNotAllowed : HandshakeError.None;

    // RFC 6455 section 4.1: HTTP/1.1 or higher; the parser accepts only 1.x.
    private static HandshakeError CheckHttp11(in HandshakeRequest request) =>
        request.MinorVersion == 0 ? HandshakeError.UpgradeOverHttp10 : HandshakeError.None;

    // Required for an upgrade only: some health checks send no Host, and the gateway does not use it.
    private static HandshakeError CheckHostIsPresent(in HandshakeRequest request) =>
        request.Has(KnownHeader.Host) ? HandshakeError.None : HandshakeError.MissingHost;

    private static HandshakeError CheckVersion(in HandshakeRequest request)
    {
        if (request.IsRepeated(KnownHeader.WebSocketVersion))
        {
            return HandshakeError.RepeatedVersion;
        }

        if (!request.Has(KnownHeader.WebSocketVersion))
        {
            return HandshakeError.MissingVersion;
        }

        return request.WebSocketVersion.SequenceEqual("13"u8) ? HandshakeError.None : HandshakeError.UnsupportedVersion;
    }

    // Sec-WebSocket-Key = 24 characters of base64 for 16 bytes (RFC 6455 section 4.1). Only the form is checked: devices with an unseeded random
    // number generator send equal keys.
    private static HandshakeError CheckKey(in HandshakeRequest request)
    {
        if (!request.Has(KnownHeader.WebSocketKey))
        {
            return HandshakeError.MissingKey;
        }

        if (request.IsRepeated(KnownHeader.WebSocketKey))
        {
            return HandshakeError.RepeatedKey;
        }

        ReadOnlySpan<byte> key = request.WebSocketKey;
        return key.Length == KeyLength && key.EndsWith("=="u8) && !key[..^2].ContainsAnyExcept(s_base64)
            ? HandshakeError.None
            : HandshakeError.MalformedKey;
    }

    // Several lines of a list header form one list (RFC 9110 section 5.3).
    private static bool HasToken(in HandshakeRequest request, KnownHeader header, ReadOnlySpan<byte> lowerCaseToken)
    {
        if (HasToken(request.Header(header), lowerCaseToken))
        {
            return true;
        }

        if (request.IsRepeated(header))
        {
            foreach (ReadOnlySpan<byte> value in request.Values(header))
            {
                if (HasToken(value, lowerCaseToken))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>True when the comma-separated <paramref name="list"/> contains the token in any case (RFC 9110 section 5.6.1).</summary>
    internal static bool HasToken(ReadOnlySpan<byte> list, ReadOnlySpan<byte> lowerCaseToken)
    {
        if (Ascii.EqualsIgnoreCase(list, lowerCaseToken))
        {
            return true;
        }

        while (!list.IsEmpty)
        {
            int comma = list.IndexOf((byte)',');
            ReadOnlySpan<byte> element = comma < 0 ? list : list[..comma];
            if (Ascii.EqualsIgnoreCase(element.Trim(" \t"u8), lowerCaseToken))
            {
                return true;
            }

            list = comma < 0 ? default : list[(comma + 1)..];
        }

        return false;
    }

    private static bool IsZero(ReadOnlySpan<byte> contentLength) =>
        !contentLength.IsEmpty && !contentLength.ContainsAnyExcept((byte)'0');
}
