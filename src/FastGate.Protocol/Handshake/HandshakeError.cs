namespace FastGate.Protocol.Handshake;

/// <summary>
/// Every outcome of a request other than an upgrade. <see cref="HandshakeErrors"/> has the HTTP status and the text of each. Numbers are never
/// reused.
/// </summary>
public enum HandshakeError : byte
{
    /// <summary>The connection is upgraded (101).</summary>
    None = 0,

    /// <summary>A GET or HEAD without an upgrade; answered with 200, which people and health checks rely on.</summary>
    NotUpgrade = 1,

    /// <summary>
    /// A WebSocket key or version without a matching <c>Upgrade</c> or <c>Connection</c>, usually because a proxy removed that header. The
    /// response is that of <see cref="NotUpgrade"/>, but the handshake is recorded.
    /// </summary>
    KeyWithoutUpgrade = 2,

    /// <summary>The first bytes are not an HTTP request.</summary>
    UnknownProtocol = 10,

    /// <summary>A TLS ClientHello; this port has no TLS.</summary>
    TlsClientHello = 11,

    /// <summary>The preface of HTTP/2 with prior knowledge (RFC 9113 section 3.4).</summary>
    Http2Preface = 12,

    /// <summary>A PROXY protocol header from a peer that is not trusted to report addresses.</summary>
    ProxyHeader = 13,

    /// <summary>Set by the gateway: a trusted load balancer sent a PROXY protocol header that is malformed or too long.</summary>
    MalformedProxyHeader = 14,

    /// <summary>The request line is not <c>method SP target SP version CRLF</c> (RFC 9112 section 3).</summary>
    MalformedRequestLine = 20,

    /// <summary>The target is neither a path nor an absolute URI, or contains bytes that are not allowed in a URI (RFC 9112 section 3.2).</summary>
    MalformedTarget = 21,

    /// <summary>The version is not <c>HTTP/</c> digit <c>.</c> digit (RFC 9112 section 2.3).</summary>
    MalformedVersion = 22,

    /// <summary>A valid HTTP version other than 1.x.</summary>
    UnsupportedHttpVersion = 23,

    /// <summary>The request line is longer than <see cref="HandshakeLimits.RequestLine"/>.</summary>
    RequestLineTooLong = 24,

    /// <summary>A line feed without a carriage return before it.</summary>
    BareLineFeed = 30,

    /// <summary>A carriage return without a line feed after it.</summary>
    BareCarriageReturn = 31,

    /// <summary>NUL or another control character in a header value (RFC 9110 section 5.5).</summary>
    ControlCharacter = 32,

    /// <summary>A header line that begins with white space (obs-fold, RFC 9112 section 5.2).</summary>
    FoldedLine = 33,

    /// <summary>A header line that begins with a colon.</summary>
    EmptyHeaderName = 34,

    /// <summary>A header name contains a byte that is not a token character (RFC 9110 section 5.6.2).</summary>
    MalformedHeaderName = 35,

    /// <summary>White space between a header name and its colon (RFC 9112 section 5.1), which allows request smuggling.</summary>
    SpaceBeforeColon = 36,

    /// <summary>A header line without a colon.</summary>
    MissingColon = 37,

    /// <summary>The headers are larger than <see cref="HandshakeLimits.Headers"/>.</summary>
    HeadersTooLarge = 38,

    /// <summary>More header lines than <see cref="HandshakeLimits.HeaderCount"/>.</summary>
    TooManyHeaders = 39,

    /// <summary>A method other than GET, or HEAD without an upgrade.</summary>
    MethodNotAllowed = 50,

    /// <summary>A <c>Content-Length</c> other than zero.</summary>
    ContentLength = 51,

    /// <summary>A <c>Transfer-Encoding</c>: requests on this port have no body.</summary>
    TransferEncoding = 52,

    /// <summary>More than one <c>Host</c>.</summary>
    RepeatedHost = 53,

    /// <summary>An upgrade without <c>Host</c>, or any request with an empty one.</summary>
    MissingHost = 54,

    /// <summary>An upgrade over HTTP/1.0, which does not define it (RFC 9110 section 7.8).</summary>
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

    /// <summary>The key is not 16 bytes in base64 (RFC 6455 section 4.2.1).</summary>
    MalformedKey = 61,

    /// <summary>A <c>Host</c> that is not one host name or address with an optional port (RFC 9112 section 3.2).</summary>
    MalformedHost = 62,

    /// <summary>Set by the gateway: the device is not authenticated.</summary>
    NotAuthorized = 80,

    /// <summary>Set by the gateway: it is stopping and accepts no devices.</summary>
    Draining = 81,

    /// <summary>Set by the gateway: an operator has banned the device or its address.</summary>
    Banned = 83,

    /// <summary>Set by the gateway: the device or its address connects too often.</summary>
    TooManyConnects = 86,

    /// <summary>Set by the gateway: the device has connected without TLS, and the options require it.</summary>
    TlsRequired = 90,

    /// <summary>Set by the gateway: it is overloaded and accepts no devices for now.</summary>
    Overloaded = 87,

    /// <summary>Set by the gateway: the request comes from a page of another site.</summary>
    OriginNotAllowed = 88,

    /// <summary>Set by the gateway: <c>Sec-WebSocket-Extensions</c> does not conform to its grammar (RFC 6455 section 9.1).</summary>
    MalformedExtensions = 89,
}
