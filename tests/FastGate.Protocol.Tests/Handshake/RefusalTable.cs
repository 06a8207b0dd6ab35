using static FastGate.Protocol.Handshake.HandshakeError;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>The refusals of the device listener: one row per clause and spelling.</summary>
internal static class RefusalTable
{
    private const string Line = "GET / HTTP/1.1\r\n";

    private static readonly string[] s_badHosts =
    [
        "a, b", "a,b", "a b", "u@h", "u:p@h", "h/path", "http://h", "h?q", "h#f", "h\\p", "h\"", ":80", "h:80:90", "h:8a", "h:-1", "h:80 ,",
        "fe80::1", "[::1", "[]", "[]:80", "[::1]x", "[::1]:x", "[a/b]", "::1]", "h]", "\u00e5\u00b0\u008f", "<script>",
    ];

    private static string[] GoodHosts =>
    [
        "h", "192.168.1.25", "192.168.1.25:8000", "h:", "h.example.:443", "my_host-1", "[::1]", "[::1]:8000", "[fe80::1%25eth0]:80", "a%20b", "x~!$&'()*+;=",
    ];

    /// <summary>Refused by the parser.</summary>
    public static IReadOnlyList<RefusalRow> Malformed { get; } =
    [
        // Other protocols than HTTP/1.x.
        new("TLS ClientHello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", TlsClientHello, 400),
        new("SSH", "SSH-2.0-OpenSSH_9.6\r\n", UnknownProtocol, 400),
        new("RDP", "\u0003\0\0\u0013\u000e\u00e0\0\0\0\0\0\u0001\0\b\0\u0003\0\0\0", UnknownProtocol, 400),
        new("SMB", "\0\0\0\u0085\u00ffSMBr\0\0\0\0", UnknownProtocol, 400),
        new("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Http2Preface, 505),
        new("PROXY v1", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", ProxyHeader, 400),
        new("PROXY v2", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c", UnknownProtocol, 400),
        new("PROXY v2 with oversized TLV", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff", UnknownProtocol, 400),
        new("MQTT", "\u0010\u0012\0\u0004MQTT", UnknownProtocol, 400),
        new("JSON", "{\"type\":\"hello\"}\n", UnknownProtocol, 400),
        new("a frame", "\u0081\u0085abcd", UnknownProtocol, 400),
        new("endless method", new string('A', 100), UnknownProtocol, 400),

        // Request line.
        new("five empty lines first", "\r\n\r\n\r\n\r\n\r\n" + Line, MalformedRequestLine, 400),
        new("CR without LF first", "\r" + Line, BareCarriageReturn, 400),
        new("bare LF first", "\n" + Line, UnknownProtocol, 400),
        new("bare LF after an empty line", "\r\n\n" + Line, UnknownProtocol, 400),
        new("space after an empty line", "\r\n " + Line, UnknownProtocol, 400),
        new("TLS after an empty line", "\r\n\u0016\u0003\u0001", TlsClientHello, 400),
        new("space first", " GET / HTTP/1.1\r\n", UnknownProtocol, 400),
        new("non-token method", "G@T / HTTP/1.1\r\n", MalformedRequestLine, 400),
        new("no target", "GET\r\n\r\n", MalformedRequestLine, 400),
        new("tab for space", "GET\t/ HTTP/1.1\r\n", MalformedRequestLine, 400),
        new("two spaces", "GET  / HTTP/1.1\r\n", MalformedRequestLine, 400),
        new("HTTP/0.9", "GET /\r\n", MalformedRequestLine, 400),
        new("NUL in target", "GET /\0 HTTP/1.1\r\n", MalformedTarget, 400),
        new("0x80 in target", "GET /\u0080 HTTP/1.1\r\n", MalformedTarget, 400),
        new("UTF-8 in target", "GET /\u00e5\u00b0\u008f HTTP/1.1\r\n", MalformedTarget, 400),
        new("DEL in target", "GET /\u007f HTTP/1.1\r\n", MalformedTarget, 400),
        new("tab in target", "GET /a\tb HTTP/1.1\r\n", MalformedTarget, 400),
        new("two spaces before version", "GET /  HTTP/1.1\r\n", MalformedVersion, 400),
        new("lower-case version", "GET / http/1.1\r\n", MalformedVersion, 400),
        new("space in target", "GET /a b HTTP/1.1\r\n", MalformedVersion, 400),
        new("another protocol", "GET / RTSP/1.0\r\n", MalformedVersion, 400),
        new("version without minor", "GET / HTTP/1\r\n", MalformedVersion, 400),
        new("version with two digits", "GET / HTTP/1.10\r\n", MalformedVersion, 400),
        new("version then space", "GET / HTTP/1.1 \r\n", MalformedVersion, 400),
        new("HTTP/2.0", "GET / HTTP/2.0\r\n\r\n", UnsupportedHttpVersion, 505),
        new("HTTP/0.9 spelled out", "GET / HTTP/0.9\r\n\r\n", UnsupportedHttpVersion, 505),
        new("HTTP/3.0 and POST", "POST / HTTP/3.0\r\n\r\n", UnsupportedHttpVersion, 505),
        new("bare LF after version", "GET / HTTP/1.1\nHost: h\n\n", BareLineFeed, 400),
        new("CR without LF after version", "GET / HTTP/1.1\rHost: h\r\r", BareCarriageReturn, 400),
        new("CR CR LF", "GET / HTTP/1.1\r\r\n", BareCarriageReturn, 400),
        new("64 KB target", "GET /" + new string('a', 65_536) + " HTTP/1.1\r\n", RequestLineTooLong, 414),

        // Headers.
        new("bare LF after a value", Line + "Host: h\nX: y\r\n\r\n", BareLineFeed, 400),
        new("bare LF in a name", Line + "Host\n: h\r\n\r\n", BareLineFeed, 400),
        new("bare LF as the blank line", Line + "Host: h\r\n\n", BareLineFeed, 400),
        new("CR inside a value", Line + "Host: a\rb\r\n\r\n", BareCarriageReturn, 400),
        new("CR without LF as the blank line", Line + "Host: h\r\n\rX", BareCarriageReturn, 400),
        new("NUL in a value", Line + "Host: a\0b\r\n\r\n", ControlCharacter, 400),
        new("DEL in a value", Line + "Host: a\u007fb\r\n\r\n", ControlCharacter, 400),
        new("escape in a value", Line + "Device-Id: \u001b[31m\r\n\r\n", ControlCharacter, 400),
        new("NUL in a late value", Line + "Host: h\r\nX: " + new string('x', 90) + "\0\r\nY: z\r\n\r\n", ControlCharacter, 400),
        new("folded by a space", Line + "Host: h\r\n more\r\n\r\n", FoldedLine, 400),
        new("folded by a tab", Line + "Host: h\r\n\tmore: x\r\n\r\n", FoldedLine, 400),
        new("space before the first header", Line + " Host: h\r\n\r\n", FoldedLine, 400),
        new("space before the colon", Line + "Host : h\r\n\r\n", SpaceBeforeColon, 400),
        new("tab before the colon", Line + "Content-Length\t: 5\r\n\r\n", SpaceBeforeColon, 400),
        new("space in a name", Line + "Device Id: h\r\n\r\n", SpaceBeforeColon, 400),
        new("empty name", Line + ": h\r\n\r\n", EmptyHeaderName, 400),
        new("empty name later", Line + "Host: h\r\n:\r\n\r\n", EmptyHeaderName, 400),
        new("non-token name", Line + "Ho(st: h\r\n\r\n", MalformedHeaderName, 400),
        new("NUL in a name", Line + "Ho\0st: h\r\n\r\n", MalformedHeaderName, 400),
        new("0x80 in a name", Line + "Ho\u0080st: h\r\n\r\n", MalformedHeaderName, 400),
        new("line without a colon", Line + "Host\r\nX: y\r\n\r\n", MissingColon, 400),
        new("CR where a hyphen should be", Line + "Device\rId: a\r\n\r\n", MissingColon, 400),
        new("8 KiB value", Line + "X: " + new string('x', 8 * 1024) + "\r\n\r\n", HeadersTooLarge, 431),
        new("100 headers", Line + string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: y\r\n")) + "\r\n", TooManyHeaders, 431),
        new("endless empty values", Line + string.Concat(Enumerable.Repeat("X:\r\n", 5_000)), TooManyHeaders, 431),
    ];

    /// <summary>Accepted by the parser; the rules decide.</summary>
    public static IReadOnlyList<RefusalRow> WellFormed { get; } =
    [
        // Plain requests.
        new("GET", Requests.PlainGet, NotUpgrade, 200),
        new("GET over HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", NotUpgrade, 200),
        new("HEAD", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", NotUpgrade, 200),
        new("HEAD over HTTP/1.0", "HEAD / HTTP/1.0\r\n\r\n", NotUpgrade, 200),
        new("GET with no body declared", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", NotUpgrade, 200),
        new("no Connection", Requests.With(without: "Connection"), KeyWithoutUpgrade, 200),
        new("no Upgrade", Requests.With(without: "Upgrade"), KeyWithoutUpgrade, 200),
        new("another Connection", Requests.With("Connection: keep-alive\r\n", "Connection"), KeyWithoutUpgrade, 200),
        new("another protocol", Requests.With("Upgrade: h2c\r\n", "Upgrade"), KeyWithoutUpgrade, 200),
        new("a longer token", Requests.With("Upgrade: websockets\r\n", "Upgrade"), KeyWithoutUpgrade, 200),
        new("a longer connection option", Requests.With("Connection: not-upgrade\r\n", "Connection"), KeyWithoutUpgrade, 200),

        new("key alone", "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key: " + Requests.Key + "\r\n\r\n", KeyWithoutUpgrade, 200),
        new("version alone", "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Version: 13\r\n\r\n", KeyWithoutUpgrade, 200),
        new("upgrade without key and version", "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n", NotUpgrade, 200),

        // Methods.
        new("POST", "POST / HTTP/1.1\r\nHost: h\r\n\r\n", MethodNotAllowed, 405),
        new("POST with a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", MethodNotAllowed, 405),
        new("POST with an upgrade", Requests.With(line: "POST / HTTP/1.1"), MethodNotAllowed, 405),
        new("HEAD with an upgrade", Requests.With(line: "HEAD / HTTP/1.1"), MethodNotAllowed, 405),
        new("lower-case method", Requests.With(line: "get / HTTP/1.1"), MethodNotAllowed, 405),
        new("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", MethodNotAllowed, 405),
        new("CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", MethodNotAllowed, 405),

        // Targets.
        new("GET *", Requests.With(line: "GET * HTTP/1.1"), MalformedTarget, 400),
        new("GET authority", Requests.With(line: "GET h:80 HTTP/1.1"), MalformedTarget, 400),
        new("relative path", Requests.With(line: "GET xiaozhi/v1/ HTTP/1.1"), MalformedTarget, 400),
        new("fragment", Requests.With(line: "GET /#a HTTP/1.1"), MalformedTarget, 400),
        new("absolute without authority", Requests.With(line: "GET http:///p HTTP/1.1"), MalformedTarget, 400),
        new("no scheme", Requests.With(line: "GET ://h/p HTTP/1.1"), MalformedTarget, 400),
        new("scheme with a digit first", Requests.With(line: "GET 1a://h/p HTTP/1.1"), MalformedTarget, 400),

        // Request bodies.
        new("Content-Length", Requests.With("Content-Length: 5\r\n"), ContentLength, 400),
        new("Content-Length without an upgrade", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", ContentLength, 400),
        new("negative Content-Length", Requests.With("Content-Length: -0\r\n"), ContentLength, 400),
        new("Content-Length of words", Requests.With("Content-Length: zero\r\n"), ContentLength, 400),
        new("empty Content-Length", Requests.With("Content-Length:\r\n"), ContentLength, 400),
        new("Content-Length list", Requests.With("Content-Length: 0, 0\r\n"), ContentLength, 400),
        new("second Content-Length", Requests.With("Content-Length: 0\r\nContent-Length: 7\r\n"), ContentLength, 400),
        new("chunked", Requests.With("Transfer-Encoding: chunked\r\n"), TransferEncoding, 400),
        new("chunked without an upgrade", "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", TransferEncoding, 400),
        new("empty Transfer-Encoding", Requests.With("Transfer-Encoding:\r\n"), TransferEncoding, 400),

        // Host and HTTP version.
        new("no Host", Requests.With(without: "Host"), MissingHost, 400),
        new("empty Host", Requests.With("Host:\r\n", "Host"), MissingHost, 400),
        new("two Hosts", Requests.With("Host: h\r\n"), RepeatedHost, 400),
        .. s_badHosts.SelectMany(static host => (RefusalRow[])
        [
            new($"Host: {host}", Requests.With($"Host: {host}\r\n", "Host"), MalformedHost, 400),
            new($"Host: {host} without an upgrade", $"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", MalformedHost, 400),
        ]),
        new("empty Host without an upgrade", "GET / HTTP/1.1\r\nHost: \t\r\n\r\n", MissingHost, 400),
        new("empty Host over HTTP/1.0", "GET / HTTP/1.0\r\nHost:\r\n\r\n", MissingHost, 400),
        new("two Hosts without an upgrade", "GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n", RepeatedHost, 400),
        new("upgrade over HTTP/1.0", Requests.With(line: "GET / HTTP/1.0"), UpgradeOverHttp10, 400),

        // WebSocket version and key.
        new("no version", Requests.With(without: "Sec-WebSocket-Version"), MissingVersion, 426),
        new("version 8", Requests.With("Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version"), UnsupportedVersion, 426),
        new("version 013", Requests.With("Sec-WebSocket-Version: 013\r\n", "Sec-WebSocket-Version"), UnsupportedVersion, 426),
        new("empty version", Requests.With("Sec-WebSocket-Version:\r\n", "Sec-WebSocket-Version"), UnsupportedVersion, 426),
        new("two versions", Requests.With("Sec-WebSocket-Version: 13\r\n"), RepeatedVersion, 400),
        new("no key", Requests.With(without: "Sec-WebSocket-Key"), MissingKey, 400),
        new("two keys", Requests.With("Sec-WebSocket-Key: " + Requests.Key + "\r\n"), RepeatedKey, 400),
        new("empty key", WithKey(""), MalformedKey, 400),
        new("15 bytes", WithKey("AAAAAAAAAAAAAAAAAAAA"), MalformedKey, 400),
        new("17 bytes", WithKey("AAAAAAAAAAAAAAAAAAAAAAA="), MalformedKey, 400),
        new("18 bytes", WithKey("AAAAAAAAAAAAAAAAAAAAAAAA"), MalformedKey, 400),
        new("not base64", WithKey("AAAAAAAAAA AAAAAAAAAAA=="), MalformedKey, 400),
        new("base64url", WithKey("AAAAAAAAAA-_AAAAAAAAAA=="), MalformedKey, 400),
        new("padding inside", WithKey("AAAAAAAAAA==AAAAAAAAAA=="), MalformedKey, 400),
        new("non-ASCII key", WithKey("\u00e9AAAAAAAAAAAAAAAAAAAAA=="), MalformedKey, 400),
    ];

    /// <summary>Unusual but valid: all are upgraded.</summary>
    public static IReadOnlyList<(string Clause, string Request)> Accepted { get; } =
    [
        ("the firmware", Requests.Esp32),
        ("the badge", Requests.Esp32WithQuery),
        ("Chromium", Requests.Chromium),
        ("Firefox", Requests.Firefox),
        ("the MQTT gateway", Requests.MqttGateway),
        ("RFC 6455 section 1.2", Requests.Rfc6455),
        ("empty line first", "\r\n" + Requests.Esp32),
        ("four empty lines first", "\r\n\r\n\r\n\r\n" + Requests.With()),
        .. GoodHosts.Select(static host => ($"Host: {host}", Requests.With($"Host: {host}\r\n", "Host"))),
        ("HTTP/1.2", Requests.With(line: "GET / HTTP/1.2")),
        ("absolute target", Requests.With(line: "GET http://h:8000/xiaozhi/v1/?device-id=a HTTP/1.1")),
        ("any path", Requests.With(line: "GET /%2e%2e/etc/passwd HTTP/1.1")),
        ("tokens in lists", Requests.With("Connection: keep-alive ,\tUPGRADE\r\nUpgrade: h2c, WebSocket\r\n", "\n")),
        ("empty list elements", Requests.With("Connection: ,, upgrade,\r\n", "Connection")),
        ("lists over two lines", Requests.With("Connection: Upgrade\r\nUpgrade: websocket\r\n", "Upgrade").Replace(
            "Connection: Upgrade\r\nSec", "Connection: keep-alive\r\nUpgrade: h2c\r\nSec", StringComparison.Ordinal)),
        ("Upgrade: websocket, h2c", Requests.With("Upgrade: websocket, h2c\r\n", "Upgrade")),
        ("empty body declared", Requests.With("Content-Length: 0\r\nContent-Length: 00\r\n")),
        ("non-ASCII value", Requests.With("X-Name: \u00e5\u00b0\u008f\u00ff\r\nSec-WebSocket-Protocol: \u0080\r\n")),
        ("no white space", Requests.With().Replace(": ", ":", StringComparison.Ordinal)),
        ("much white space", "GET / HTTP/1.1\r\nHost: \t h \t\r\nUpgrade:\t websocket\t\r\nConnection:   Upgrade   \r\nSec-WebSocket-Key:\t"
            + Requests.Key + " \r\nSec-WebSocket-Version: \t 13 \r\n\r\n"),
        ("upper case", Requests.With().Replace("Upgrade", "UPGRADE", StringComparison.Ordinal).Replace("websocket", "WEBSOCKET", StringComparison.Ordinal)),
    ];

    private static string WithKey(string key) => Requests.With("Sec-WebSocket-Key: " + key + "\r\n", "Sec-WebSocket-Key");
}
