using System.Text;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>Requests of real clients, and ways to modify them.</summary>
internal static class Requests
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    public const string Upgrade =
        "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + Key + "\r\nSec-WebSocket-Version: 13\r\n";

    /// <summary>Firmware: headers in ASCII order, Host without a port, no browser headers.</summary>
    public const string Esp32 =
        "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 192.168.1.25\r\nAuthorization: Bearer test-token\r\n"
        + "Client-Id: 7b94d69a-9808-4c59-9c9b-704333b38aff\r\nConnection: Upgrade\r\nDevice-Id: 94:a9:90:2b:de:fc\r\n"
        + "Protocol-Version: 1\r\nSec-WebSocket-Key: " + Key + "\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n";

    /// <summary>A badge that connects at boot, with ids in headers and query, each in both spellings.</summary>
    public const string Esp32WithQuery =
        "GET /xiaozhi/v1/?device-id=94%3Aa9%3A90%3A2b%3Ade%3Afc&client-id=7b94d69a&device_id=94%3Aa9%3A90%3A2b%3Ade%3Afc&client_id=7b94d69a HTTP/1.1\r\n"
        + "Host: 192.168.1.25\r\nAuthorization: Bearer test-token\r\nClient-Id: 7b94d69a\r\nConnection: Upgrade\r\n"
        + "Device-Id: 94:a9:90:2b:de:fc\r\nProtocol-Version: 1\r\nSec-WebSocket-Key: " + Key
        + "\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n";

    public const string Chromium =
        "GET /xiaozhi/v1/?device-id=AA%3ABB%3ACC%3A01%3A02%3A03&client-id=web_test&authorization=Bearer+a.b HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
        + "Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
        + "Upgrade: websocket\r\nOrigin: http://localhost:8006\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\n"
        + "Accept-Language: en-US,en;q=0.9\r\nSec-WebSocket-Key: " + Key
        + "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

    public const string Firefox =
        "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: Mozilla/5.0 Gecko/20100101 Firefox/140.0\r\nAccept: */*\r\n"
        + "Sec-WebSocket-Version: 13\r\nOrigin: null\r\nSec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Key: " + Key
        + "\r\nConnection: keep-alive, Upgrade\r\nSec-Fetch-Dest: empty\r\nUpgrade: websocket\r\n\r\n";

    /// <summary>The MQTT gateway, on Node.js: lower-case names.</summary>
    public const string MqttGateway =
        "GET /xiaozhi/v1/?from=mqtt_gateway HTTP/1.1\r\nsec-websocket-version: 13\r\nsec-websocket-key: " + Key
        + "\r\nconnection: Upgrade\r\nupgrade: websocket\r\ndevice-id: 94:a9:90:2b:de:fc\r\nclient-id: c1\r\nprotocol-version: 2\r\n"
        + "authorization: Bearer t\r\nx-forwarded-for: 10.0.0.7, 10.0.0.1\r\nsec-websocket-extensions: permessage-deflate\r\nhost: g:8000\r\n\r\n";

    public const string PlainGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    /// <summary>The example of RFC 6455 section 1.2.</summary>
    public const string Rfc6455 =
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
        + "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n";

    /// <summary>Line ends of an earlier request before the request line (RFC 9112 section 2.2).</summary>
    public const string AfterEmptyLines = "\r\n\r\n" + Chromium;

    public static IEnumerable<string> Good => [Esp32, Esp32WithQuery, Chromium, Firefox, MqttGateway, PlainGet, Rfc6455, AfterEmptyLines];

    /// <summary>Latin-1, so that one char is one byte.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>An upgrade request with <paramref name="more"/> added, and without the lines that begin with <paramref name="without"/>.</summary>
    public static string With(string more = "", string without = "\n", string line = "GET / HTTP/1.1") =>
        line + "\r\n" + string.Concat(Upgrade.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(l => !l.StartsWith(without, StringComparison.OrdinalIgnoreCase)).Select(l => l + "\r\n")) + more + "\r\n";
}
