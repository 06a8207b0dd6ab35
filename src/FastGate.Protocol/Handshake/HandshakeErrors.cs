namespace FastGate.Protocol.Handshake;

/// <summary>The HTTP status and the text of each <see cref="HandshakeError"/>.</summary>
public static class HandshakeErrors
{
    /// <summary>The HTTP status of <paramref name="error"/>; 101 for <see cref="HandshakeError.None"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enum.</exception>
    public static int HttpStatus(this HandshakeError error) => error switch
    {
        HandshakeError.None => 101,
        HandshakeError.NotUpgrade or HandshakeError.KeyWithoutUpgrade => 200,
        HandshakeError.UnknownProtocol or HandshakeError.TlsClientHello or HandshakeError.ProxyHeader or HandshakeError.MalformedProxyHeader => 400,
        HandshakeError.MalformedRequestLine or HandshakeError.MalformedTarget or HandshakeError.MalformedVersion => 400,
        HandshakeError.BareLineFeed or HandshakeError.BareCarriageReturn or HandshakeError.ControlCharacter => 400,
        HandshakeError.FoldedLine or HandshakeError.EmptyHeaderName or HandshakeError.MalformedHeaderName => 400,
        HandshakeError.SpaceBeforeColon or HandshakeError.MissingColon => 400,
        HandshakeError.ContentLength or HandshakeError.TransferEncoding => 400,
        HandshakeError.RepeatedHost or HandshakeError.MissingHost or HandshakeError.MalformedHost => 400,
        HandshakeError.UpgradeOverHttp10 => 400,
        HandshakeError.RepeatedVersion or HandshakeError.MissingKey => 400,
        HandshakeError.RepeatedKey or HandshakeError.MalformedKey => 400,
        HandshakeError.MalformedExtensions => 400,
        HandshakeError.NotAuthorized => 401,
        HandshakeError.Banned or HandshakeError.TlsRequired or HandshakeError.OriginNotAllowed => 403,
        HandshakeError.MethodNotAllowed => 405,
        HandshakeError.RequestLineTooLong => 414,
        HandshakeError.MissingVersion or HandshakeError.UnsupportedVersion => 426,
        HandshakeError.TooManyConnects => 429,
        HandshakeError.HeadersTooLarge or HandshakeError.TooManyHeaders => 431,
        HandshakeError.Draining or HandshakeError.Overloaded => 503,
        HandshakeError.Http2Preface or HandshakeError.UnsupportedHttpVersion => 505,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };

    /// <summary>One line for a human reader: ASCII, without a line end, and without any text of the client.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enum.</exception>
    public static ReadOnlySpan<byte> Reason(this HandshakeError error) => error switch
    {
        HandshakeError.None => "Switching protocols"u8,
        HandshakeError.NotUpgrade or HandshakeError.KeyWithoutUpgrade => "Server is running"u8,
        HandshakeError.UnknownProtocol => "This port speaks WebSocket over HTTP/1.1; these bytes are something else"u8,
        HandshakeError.TlsClientHello => "This port speaks plain ws://; wss:// needs Devices:Tls or a proxy"u8,
        HandshakeError.Http2Preface => "This port speaks HTTP/1.1, not HTTP/2"u8,
        HandshakeError.ProxyHeader => "This port does not take the PROXY protocol from this address"u8,
        HandshakeError.MalformedProxyHeader => "Malformed PROXY protocol header"u8,
        HandshakeError.MalformedRequestLine => "Malformed request line"u8,
        HandshakeError.MalformedTarget => "Malformed request target"u8,
        HandshakeError.MalformedVersion => "Malformed HTTP version"u8,
        HandshakeError.UnsupportedHttpVersion => "Only HTTP/1.x is spoken here"u8,
        HandshakeError.RequestLineTooLong => "Request line too long"u8,
        HandshakeError.BareLineFeed => "Line feed without carriage return"u8,
        HandshakeError.BareCarriageReturn => "Carriage return without line feed"u8,
        HandshakeError.ControlCharacter => "Control character in a header value"u8,
        HandshakeError.FoldedLine => "Folded header line"u8,
        HandshakeError.EmptyHeaderName => "Empty header name"u8,
        HandshakeError.MalformedHeaderName => "Malformed header name"u8,
        HandshakeError.SpaceBeforeColon => "White space before the colon of a header"u8,
        HandshakeError.MissingColon => "Header line without a colon"u8,
        HandshakeError.HeadersTooLarge => "Headers too large"u8,
        HandshakeError.TooManyHeaders => "Too many headers"u8,
        HandshakeError.MethodNotAllowed => "Only GET, and HEAD without an upgrade"u8,
        HandshakeError.ContentLength => "A request with a body is not taken here (Content-Length)"u8,
        HandshakeError.TransferEncoding => "A request with a body is not taken here (Transfer-Encoding)"u8,
        HandshakeError.RepeatedHost => "More than one Host"u8,
        HandshakeError.MissingHost => "Host is missing"u8,
        HandshakeError.MalformedHost => "Host is not one host name with an optional port"u8,
        HandshakeError.UpgradeOverHttp10 => "HTTP/1.0 cannot be upgraded"u8,
        HandshakeError.RepeatedVersion => "More than one Sec-WebSocket-Version"u8,
        HandshakeError.MissingVersion => "Sec-WebSocket-Version is missing; 13 is spoken here"u8,
        HandshakeError.UnsupportedVersion => "Only Sec-WebSocket-Version 13 is spoken here"u8,
        HandshakeError.MissingKey => "Sec-WebSocket-Key is missing"u8,
        HandshakeError.RepeatedKey => "More than one Sec-WebSocket-Key"u8,
        HandshakeError.MalformedKey => "Sec-WebSocket-Key is not 16 bytes in base64"u8,
        HandshakeError.NotAuthorized => "Not authorized"u8,
        HandshakeError.TooManyConnects => "This device or its address connects too often; wait"u8,
        HandshakeError.Banned => "This device or its address is banned here"u8,
        HandshakeError.TlsRequired => "This server requires TLS; use wss://"u8,
        HandshakeError.Overloaded => "The server is overloaded; try again soon"u8,
        HandshakeError.MalformedExtensions => "Malformed Sec-WebSocket-Extensions"u8,
        HandshakeError.OriginNotAllowed => "Pages of this origin may not connect here"u8,
        HandshakeError.Draining => "The server accepts no new connections now; try again soon"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };
}
