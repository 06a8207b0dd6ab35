using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FastGate.FunctionalTests.Flight;

/// <summary>The symptoms that operators of these fleets report, as the bytes that cause them.</summary>
internal static class Complaints
{
    private const string Client = "7a1c0f7e-3b52-4c1f-9d0e-5f2b8a6c4d10";
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private const string Version = "Sec-WebSocket-Version: 13\r\n";
    private const string Upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    private const string Token = "Authorization: Bearer test-token\r\n";
    private const string Id = "Device-Id: {device}\r\n";

    public static IReadOnlyList<Complaint> All { get; } = [.. OtherProtocols(), .. Requests(), .. Credentials(), .. Ids(), .. AfterTheUpgrade(), .. OtherListeners()];

    private static IEnumerable<Complaint> OtherProtocols() =>
    [
        new("wss:// in the device, no TLS here", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", "tls_on_plain_port", "ws://"),
        new("old TLS client", "\u0016\u0003\0\0\u0080\u0001\0\0|\u0003\0", "tls_on_plain_port", "ws://"),
        new("proxy with HTTP/2 upstream", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2_preface", "HTTP/1.1"),
        new("HAProxy send-proxy", "PROXY TCP4 10.0.0.1 10.0.0.2 4711 8000\r\nGET / HTTP/1.1\r\n", "proxy_header_unexpected", "PROXY"),
        new("HAProxy send-proxy-v2", "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\n\0\0\u0001\n\0\0\u0002\u0012g\u001f@", "proxy_header_unexpected", "PROXY"),
        new("remote desktop scan", "\u0003\0\0\u002b\u0026\u00e0\0\0\0\0\0Cookie: mstshash=hello\r\n", "rdp"),
        new("SSH to the wrong port", "SSH-2.0-OpenSSH_9.6\r\n", "ssh"),
        new("SMB scan", "\0\0\0\u0085\u00ffSMBr\0\0\0\0", "smb"),
        new("SMB 2 scan", "\0\0\0\u0068\u00feSMB@\0\0\0", "smb"),
        new("MQTT client", "\u0010\u001b\0\u0004MQTT\u0004\u0002\0\u003c\0\u000fesp32", "other_protocol", "WebSocket"),
        new("PostgreSQL client", "\0\0\0\u0008\u0004\u00d2\u0016\u002f", "other_protocol", "own server"),
        new("Redis client", "*1\r\n$4\r\nPING\r\n", "other_protocol", "own server"),
        new("SOCKS 5 scan", "\u0005\u0001\0", "other_protocol"),
        new("RTSP camera scan", "OPTIONS rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 1\r\n\r\n", "other_protocol"),
        new("SIP scan", "OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm\r\n\r\n", "other_protocol"),
        new("mail client", "EHLO example.org\r\n", "other_protocol"),
        new("Java RMI scan", "JRMI\0\u0002K", "other_protocol"),
        new("LDAP scan", "0\u000c\u0002\u0001\u0001`\u0007\u0002\u0001\u0003\u0004\0\u0080\0", "other_protocol"),
        new("MQTT client of the old protocol", "\u0010\u001d\0\u0006MQIsdp\u0003\u0002\0\u003c\0\u000fesp32", "other_protocol", "WebSocket"),
        new("HAProxy health check with send-proxy", "PROXY UNKNOWN\r\n", "proxy_header_unexpected", "send-proxy"),
        new("RabbitMQ client", "AMQP\0\0\u0009\u0001", "other_protocol", "own server"),
        new("Telnet", "\u00ff\u00fd\u0003", "other_protocol"),
        new("memcached scan", "stats\r\n", "other_protocol"),
        new("request line with HTTP/2.0", "GET /xiaozhi/v1/ HTTP/2.0\r\nHost: a\r\n\r\n", "http2_preface", "HTTP/1.1"),
        new("proxy that upgrades to HTTP/2", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n", "http2_preface", "HTTP/1.1"),
        new("garbage of a serial bridge", "\u00aa\u0055\u0001\u0002\u0003", "unknown_protocol", "ws://"),
    ];

    private static IEnumerable<Complaint> Requests() =>
    [
        new("search for secrets", "GET /.env HTTP/1.1\r\nHost: a\r\n\r\n", "scanner"),
        new("search for repositories", "GET /.git/config HTTP/1.1\r\nHost: a\r\n\r\n", "scanner"),
        new("search for WordPress", "GET /wp-login.php HTTP/1.1\r\nHost: a\r\n\r\n", "scanner"),
        new("router exploit", "POST /boaform/admin/formLogin HTTP/1.1\r\nHost: a\r\n\r\n", "scanner"),
        new("research scanner", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0 zgrab/0.x\r\n\r\n", "scanner"),
        new("search for an open proxy", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", "scanner"),
        new("Kubernetes probe", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: kube-probe/1.31\r\n\r\n", "health_check"),
        new("HAProxy check", "OPTIONS / HTTP/1.0\r\n\r\n", "health_check"),
        new("load balancer check", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n", "health_check"),
        new("browser", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\n\r\n", "plain_http", "WebSocket"),
        new("OTA address with the device port", "POST /xiaozhi/ota/ HTTP/1.1\r\nHost: a\r\n" + Id + "Content-Length: 2\r\n\r\n{}", "wrong_port", "OTA"),
        new("OTA check with the device port", "GET /xiaozhi/ota/ HTTP/1.1\r\nHost: a\r\n" + Id + "\r\n", "wrong_port", "OTA"),
        new("picture to the device port", "POST /mcp/vision/explain HTTP/1.1\r\nHost: a\r\n" + Id + "Transfer-Encoding: chunked\r\n\r\n", "wrong_port", "HTTP port"),
        new("metrics from the device port", "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "wrong_port", "port"),
        new("nginx without upgrade headers", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nX-Real-IP: 192.0.2.1\r\n" + Token + Id + Key + Version + "\r\n", "upgrade_stripped", "proxy_set_header"),
        new("nginx with its default settings", "GET /xiaozhi/v1/ HTTP/1.0\r\nHost: a\r\nConnection: close\r\n" + Id + Key + Version + "\r\n", "proxy_http10", "proxy_http_version"),
        new("upgrade over HTTP/1.0", "GET /xiaozhi/v1/ HTTP/1.0\r\nHost: a\r\n" + Upgrade + Id + Key + Version + "\r\n", "proxy_http10", "proxy_http_version"),
        new("proxy that removes Connection", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nVia: 1.1 edge\r\n" + Id + Key + Version + "\r\n", "upgrade_stripped", "Connection"),
        new("client without Upgrade", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Token + Id + "\r\n", "no_upgrade_token", "Upgrade"),
        new("Connection: keep-alive", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n" + Id + Key + Version + "\r\n", "no_upgrade_token", "Connection: Upgrade"),
        new("key missing", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Token + Id + Version + "\r\n", "bad_key", "key"),
        new("key too short", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Token + Id + "Sec-WebSocket-Key: abc=\r\n" + Version + "\r\n", "bad_key", "key"),
        new("key twice", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Token + Id + Key + Key + Version + "\r\n", "bad_key", "proxy"),
        new("version 8", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Token + Id + Key + "Sec-WebSocket-Version: 8\r\n\r\n", "bad_version", "13"),
        new("version missing", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Token + Id + Key + "\r\n", "bad_version", "13"),
        new("Host missing", "GET /xiaozhi/v1/ HTTP/1.1\r\n" + Upgrade + Token + Id + Key + Version + "\r\n", "bad_host", "Host"),
        new("Host twice", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + Upgrade + Id + Key + Version + "\r\n", "bad_host", "one Host"),
        new("lines without carriage return", "GET /xiaozhi/v1/ HTTP/1.1\nHost: a\n\n", "malformed_request", "CR LF"),
        new("space before the colon", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost : a\r\n\r\n", "malformed_request", "space"),
        new("header too large", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nCookie: " + new string('c', 10_000) + "\r\n\r\n", "request_too_large", "Devices:Limits"),
        new("POST to the WebSocket address", "POST /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id + "\r\n", "method_not_allowed", "WebSocket library"),
        new("upgrade with a body", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Token + Id + Key + Version + "Content-Length: 4\r\n\r\nbody", "body_not_allowed", "Content-Length"),
        new("client of a draft of 2010", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n" + Id + "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n^n:ds[4U", "bad_version", "RFC 6455"),
        new("version twice", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Id + Key + Version + Version + "\r\n", "bad_version", "13"),
        new("list of hosts", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a, b\r\n" + Upgrade + Id + Key + Version + "\r\n", "bad_host", "one Host"),
        new("user name in Host", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: user@a\r\n" + Upgrade + Id + Key + Version + "\r\n", "bad_host", "Host"),
        new("page of another site", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\nOrigin: https://page.example\r\n" + Upgrade + Id + Key + Version + "\r\n", "origin_not_allowed", "Devices:AllowedOrigins"),
        new("key in quotes", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Id + "Sec-WebSocket-Key: \"dGhlIHNhbXBsZSBub25jZQ==\"\r\n" + Version + "\r\n", "bad_key", "key"),
        new("folded header", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id + "Authorization: Bearer\r\n test-token\r\n\r\n", "malformed_request", "begins with a name"),
        new("string with its final NUL in a header", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id + "Client-Id: esp32\0\r\n\r\n", "malformed_request", "control characters"),
        new("header without a colon", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id + "Protocol-Version 1\r\n\r\n", "malformed_request", "colon"),
        new("Chinese path", "GET /\u00e5\u00b0\u008f\u00e6\u0099\u00ba/v1/ HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target", "Percent-encode"),
        new("path without a slash", "GET xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n\r\n", "bad_target", "slash"),
        new("query of 4 KiB", "GET /xiaozhi/v1/?device-id={device}&token=" + new string('t', 4_096) + " HTTP/1.1\r\nHost: a\r\n\r\n", "request_too_large", "Shorten the token"),
        new("a hundred headers", "GET /xiaozhi/v1/ HTTP/1.1\r\n" + Id + string.Concat(Enumerable.Range(0, 100).Select(static i => $"X-{i}: 1\r\n")) + "\r\n", "request_too_large", "Devices:Limits"),
        new("method in small letters", "get /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id + "\r\n", "method_not_allowed", "WebSocket library"),
        new("socket.io client", "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n", "plain_http", "WebSocket"),
        new("upgrade with a chunked body", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Upgrade + Id + Key + Version + "Transfer-Encoding: chunked\r\n\r\n", "body_not_allowed", "Transfer-Encoding"),
        new("request that stops", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id, "too_slow", "MTU") { Waits = true },
        new("request that is cut off", "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + Id, "left_during_request", "network"),
        new("port check", "", "nothing_sent", "Wi-Fi"),
    ];

    private static IEnumerable<Complaint> Credentials()
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return
        [
            new("no token", Request(""), "token_missing", "OTA"),
            new("Basic instead of Bearer", Request("Authorization: Basic dGVzdA==\r\n"), "token_scheme", "Bearer"),
            new("quoted credential", Request("Authorization: \"Bearer test-token\"\r\n"), "token_scheme", "Bearer"),
            new("quoted token", Request("Authorization: Bearer \"test-token\"\r\n"), "token_malformed", "Auth:Tokens"),
            new("token in the query only", Request("").Replace("/xiaozhi/v1/", "/xiaozhi/v1/?token=test-token", StringComparison.Ordinal), "token_missing", "OTA"),
            new("token without Bearer", Request("Authorization: test-token\r\n"), "token_scheme", "Bearer"),
            new("token of another server", Request("Authorization: Bearer abc.def\r\n"), "token_malformed", "Auth:Tokens"),
            new("token signed with another key", Request("Authorization: Bearer {signed:other-key:" + now.ToString(CultureInfo.InvariantCulture) + "}\r\n"), "token_wrong_key", "Auth:Key"),
            new("copied token of another client", Request("Authorization: Bearer {copied:" + now.ToString(CultureInfo.InvariantCulture) + "}\r\n"), "token_other_ids", "copy"),
            new("token of last year", Request("Authorization: Bearer {signed:" + CorpusGateway.Key + ":" + (now - (400L * 86_400)).ToString(CultureInfo.InvariantCulture) + "}\r\n"), "token_expired", "Auth:ExpireSeconds"),
            new("server clock at 1970", Request("Authorization: Bearer {signed:" + CorpusGateway.Key + ":120}\r\n"), "clock_skew", "NTP"),
            new("foreign token from the future", Request("Authorization: Bearer {signed:other-key:" + (now + 86_400).ToString(CultureInfo.InvariantCulture) + "}\r\n"), "clock_skew", "clock"),
        ];
    }

    private static IEnumerable<Complaint> Ids() =>
    [
        new("no id", Request(Token, id: "", client: ""), "id_missing", "Device-Id"),
        new("id in another encoding", Request(Token, id: "Device-Id: k\u00fcche\r\n", client: ""), "id_refused", "printable"),
        new("id that is too long", Request(Token, id: "Device-Id: " + new string('9', 300) + "\r\n", client: ""), "id_refused", "128"),
        new("empty id", Request(Token, id: "Device-Id: \r\n", client: ""), "id_missing", "Device-Id"),
        new("id of another encoding with a client id", Request(Token, id: "Device-Id: k\u00fcche\r\n"), "id_refused", "printable"),
        new("two ids", Request(Token, id: Id + "X-Device-Id: other\r\n"), "id_conflict", "one id"),
    ];

    private static IEnumerable<Complaint> AfterTheUpgrade() =>
    [
        new("device that never says hello", Request(Token), "no_hello", "hello") { Waits = true },
        new("device that leaves before its hello", Request(Token), "left_before_hello", "upgrade"),
        new("frames without a mask", Request(Token), "bad_first_message", "masked") { Then = "\u0081\u0002{}", Waits = true },
        new("compressed frames", Request(Token), "bad_first_message", "without compression") { Then = "\u00c1\u0082\0\0\0\0{}", Waits = true },
        new("text in another encoding", Request(Token), "bad_first_message", "UTF-8") { Then = "\u0081\u0082\0\0\0\0\u00ce\u00d2", Waits = true },
        new("message of a gigabyte", Request(Token), "bad_first_message", "Devices:Limits") { Then = "\u0082\u00ff\0\0\0\0@\0\0\0\0\0\0\0", Waits = true },
    ];

    private static IEnumerable<Complaint> OtherListeners() =>
    [
        new("WebSocket address with the HTTP port", Request(Token), "wrong_port", "8000") { Listener = "http" },
        new("WebSocket path on the HTTP port", "GET /xiaozhi/v1/?device-id={device} HTTP/1.1\r\nHost: a\r\n\r\n", "wrong_port", "8000") { Listener = "http" },
        new("https:// in the OTA address", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", "tls_on_plain_port", "http://") { Listener = "http" },
        new("OTA address with a wrong path", "POST /ota/ HTTP/1.1\r\nHost: a\r\n" + Id + "Content-Length: 2\r\n\r\n{}", "wrong_path", "/xiaozhi/ota/") { Listener = "http" },
        new("search for secrets on the HTTP port", "GET /.env HTTP/1.1\r\nHost: a\r\n\r\n", "scanner") { Listener = "http" },
        new("send-proxy to the HTTP port", "PROXY TCP4 10.0.0.1 10.0.0.2 4711 8003\r\nGET / HTTP/1.1\r\n\r\n", "proxy_header_unexpected", "send-proxy") { Listener = "http" },
        new("header without a name on the OTA address", "POST /xiaozhi/ota/ HTTP/1.1\r\nHost: a\r\n: value\r\n\r\n", "malformed_request", "CR LF") { Listener = "http", Waits = true },
        new("OTA request over HTTP/3.0", "POST /xiaozhi/ota/ HTTP/3.0\r\nHost: a\r\n\r\n", "malformed_request", "CR LF") { Listener = "http", Waits = true },
        new("half an OTA request", "POST /xiaozhi/ota/ HTTP/1.1\r\nHost:", "left_during_request") { Listener = "http" },
        new("MQTT to the HTTP port", "\u0010\u001b\0\u0004MQTT\u0004\u0002\0\u003c\0\u000fesp32", "other_protocol", "own server") { Listener = "http" },
        new("admin API on the HTTP port", "GET /api/v1/status HTTP/1.1\r\nHost: a\r\n\r\n", "wrong_port", "port") { Listener = "http" },
        new("OTA address with the admin port", "POST /xiaozhi/ota/ HTTP/1.1\r\nHost: localhost\r\n" + Id + "Content-Length: 2\r\n\r\n{}", "wrong_port", "8003") { Listener = "admin" },
        new("WebSocket address with the admin port", Request(Token), "wrong_port", "8000") { Listener = "admin" },
    ];

    /// <summary>Replaces the marks in the text: the id of the device, and tokens that are signed for it.</summary>
    public static byte[] BytesOf(string text, string device)
    {
        text = text.Replace("{device}", device, StringComparison.Ordinal);
        for (int start = text.IndexOf("{signed:", StringComparison.Ordinal); start >= 0; start = text.IndexOf("{signed:", StringComparison.Ordinal))
        {
            int end = text.IndexOf('}', start);
            string[] parts = text[start..end].Split(':');
            text = text[..start] + Sign(parts[1], Client, device, parts[2]) + text[(end + 1)..];
        }

        for (int start = text.IndexOf("{copied:", StringComparison.Ordinal); start >= 0; start = text.IndexOf("{copied:", StringComparison.Ordinal))
        {
            int end = text.IndexOf('}', start);
            text = text[..start] + Sign(CorpusGateway.Key, device, device, text[start..end].Split(':')[1]) + text[(end + 1)..];
        }

        return Encoding.Latin1.GetBytes(text);
    }

    private static string Request(string authorization, string id = Id, string client = $"Client-Id: {Client}\r\n") =>
        "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: a\r\n" + authorization + client + Upgrade + id + Key + Version + "\r\n";

    private static string Sign(string key, string client, string device, string time)
    {
        byte[] mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{client}|{device}|{time}"));
        return Convert.ToBase64String(mac).TrimEnd('=').Replace('+', '-').Replace('/', '_') + "." + time;
    }
}
