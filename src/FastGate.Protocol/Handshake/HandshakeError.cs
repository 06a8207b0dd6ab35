namespace FastGate.Protocol.Handshake;

/// <summary>
/// Every verdict on a request other than an upgrade. Each has one HTTP status and one sentence, see
/// <see cref="HandshakeErrors"/>. Numbers are never reused.
/// </summary>
public enum HandshakeError : byte
{
    /// <summary>Nothing wrong: the connection is upgraded (101).</summary>
    None = 0,

    /// <summary>A GET or HEAD that asks for no WebSocket; answered 200, because people and health checkers rely on it.</summary>
    NotUpgrade = 1,

    /// <summary>The first bytes are no HTTP request.</summary>
    UnknownProtocol = 10,

    /// <summary>A TLS ClientHello on a port without TLS.</summary>
    TlsClientHello = 11,

    /// <summary>The preface of HTTP/2 with prior knowledge (RFC 9113 section 3.4).</summary>
    Http2Preface = 12,

    /// <summary>A PROXY protocol header from a balancer; this port does not take it.</summary>
    ProxyHeader = 13,

    /// <summary>The request line is not <c>method SP target SP version CRLF</c> (RFC 9112 section 3).</summary>
    MalformedRequestLine = 20,

    /// <summary>The target is neither a path nor an absolute URI, or holds bytes that no URI may hold.</summary>
    MalformedTarget = 21,

    /// <summary>The version is not spelled <c>HTTP/</c> digit <c>.</c> digit.</summary>
    MalformedVersion = 22,

    /// <summary>A well-formed HTTP version other than 1.x.</summary>
    UnsupportedHttpVersion = 23,

    /// <summary>The request line is over <see cref="HandshakeLimits.RequestLine"/>.</summary>
    RequestLineTooLong = 24,

    /// <summary>A line feed without a carriage return before it.</summary>
    BareLineFeed = 30,

    /// <summary>A carriage return without a line feed after it.</summary>
    BareCarriageReturn = 31,

    /// <summary>NUL or another control character inside a header value.</summary>
    ControlCharacter = 32,

    /// <summary>A header line that begins with white space (obs-fold, RFC 9112 section 5.2).</summary>
    FoldedLine = 33,

    /// <summary>A header line that begins with a colon.</summary>
    EmptyHeaderName = 34,

    /// <summary>A header name with a byte that is no token character (RFC 9110 section 5.6.2).</summary>
    MalformedHeaderName = 35,

    /// <summary>White space between a header's name and its colon (RFC 9112 section 5.1: a smuggling vector).</summary>
    SpaceBeforeColon = 36,

    /// <summary>A header line that ends before its colon.</summary>
    MissingColon = 37,

    /// <summary>The headers are over <see cref="HandshakeLimits.Headers"/>.</summary>
    HeadersTooLarge = 38,

    /// <summary>More header lines than <see cref="HandshakeLimits.HeaderCount"/>.</summary>
    TooManyHeaders = 39,

    /// <summary>A method other than GET, or than HEAD without an upgrade.</summary>
    MethodNotAllowed = 50,

    /// <summary>A <c>Content-Length</c> above zero, or one that is not a plain number.</summary>
    ContentLength = 51,

    /// <summary>A <c>Transfer-Encoding</c>: no request at this port has a body.</summary>
    TransferEncoding = 52,

    /// <summary>More than one <c>Host</c>.</summary>
    RepeatedHost = 53,

    /// <summary>An upgrade without <c>Host</c>, or with an empty one.</summary>
    MissingHost = 54,

    /// <summary>An upgrade over HTTP/1.0, which has none (RFC 9110 section 7.8).</summary>
    UpgradeOverHttp10 = 55,

    /// <summary>More than one <c>Sec-WebSocket-Version</c>.</summary>
    RepeatedVersion = 56,

    /// <summary>No <c>Sec-WebSocket-Version</c>.</summary>
    MissingVersion = 57,

    /// <summary>A <c>Sec-WebSocket-Version</c> other than 13.</summary>
    UnsupportedVersion = 58,

    /// <summary>No <c>Sec-WebSocket-Key</c>.</summary>
    MissingKey = 59,

    /// <summary>More than one <c>Sec-WebSocket-Key</c>.</summary>
    RepeatedKey = 60,

    /// <summary>The key is not the base64 form of 16 bytes.</summary>
    MalformedKey = 61,

    /// <summary>The gateway's verdict: the device did not prove who it is.</summary>
    NotAuthorized = 80,

    /// <summary>The gateway is stopping and accepts no devices.</summary>
    Draining = 81,
}
