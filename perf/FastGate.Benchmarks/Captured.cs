using System.Text;

namespace FastGate.Benchmarks;

/// <summary>Requests and messages of real devices and browsers.</summary>
internal static class Captured
{
    public const string WebSocketKey = "dGhlIHNhbXBsZSBub25jZQ==";

    public const string Ping = """{"type":"ping"}""";

    private const string Firmware =
        "GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 192.168.1.25\r\nAuthorization: Bearer test-token\r\n"
        + "Client-Id: 7b94d69a-9808-4c59-9c9b-704333b38aff\r\nConnection: Upgrade\r\nDevice-Id: 94:a9:90:2b:de:fc\r\n"
        + "Protocol-Version: 1\r\nSec-WebSocket-Key: " + WebSocketKey + "\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n";

    private const string Query =
        "GET /xiaozhi/v1/?device-id=94%3Aa9%3A90%3A2b%3Ade%3Afc&client-id=7b94d69a&device_id=94%3Aa9%3A90%3A2b%3Ade%3Afc&client_id=7b94d69a HTTP/1.1\r\n"
        + "Host: 192.168.1.25\r\nAuthorization: Bearer test-token\r\nClient-Id: 7b94d69a\r\nConnection: Upgrade\r\n"
        + "Device-Id: 94:a9:90:2b:de:fc\r\nProtocol-Version: 1\r\nSec-WebSocket-Key: " + WebSocketKey
        + "\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n";

    private const string Browser =
        "GET /xiaozhi/v1/?device-id=AA%3ABB%3ACC%3A01%3A02%3A03&client-id=web_test&authorization=Bearer+a.b HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
        + "Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
        + "Upgrade: websocket\r\nOrigin: http://localhost:8006\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\n"
        + "Accept-Language: en-US,en;q=0.9\r\nSec-WebSocket-Key: " + WebSocketKey
        + "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

    private const string Hello =
        """{"type":"hello","version":1,"features":{"mcp":false},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""";

    private const string Listen = """{"session_id":"0d5ad1a4-7b0e-4c38-8f5f-2a9a3a0a5f3a","type":"listen","state":"detect","text":"你好小智，今天天气怎么样？"}""";

    private const string Mcp =
        """{"session_id":"0d5ad1a4-7b0e-4c38-8f5f-2a9a3a0a5f3a","type":"mcp","payload":{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"self.audio_speaker.set_volume","description":"Set the volume of the audio speaker.","inputSchema":{"type":"object","properties":{"volume":{"type":"integer","minimum":0,"maximum":100}},"required":["volume"]}}],"nextCursor":""}}}""";

    public static IEnumerable<string> Requests => [nameof(Firmware), nameof(Query), nameof(Browser)];

    public static IEnumerable<string> Messages => [nameof(Ping), nameof(Hello), nameof(Listen), nameof(Mcp)];

    public static byte[] Request(string name) => Encoding.Latin1.GetBytes(name switch
    {
        nameof(Firmware) => Firmware,
        nameof(Query) => Query,
        nameof(Browser) => Browser,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such request."),
    });

    /// <summary>The firmware's request with another device's ids.</summary>
    public static byte[] Request(int device) => Encoding.Latin1.GetBytes(Firmware.Replace("94:a9:90:2b:de:fc", DeviceId(device), StringComparison.Ordinal));

    public static string DeviceId(int device) =>
        $"02:00:{(device >> 24) & 0xFF:x2}:{(device >> 16) & 0xFF:x2}:{(device >> 8) & 0xFF:x2}:{device & 0xFF:x2}";

    public static byte[] Message(string name) => Encoding.UTF8.GetBytes(name switch
    {
        nameof(Ping) => Ping,
        nameof(Hello) => Hello,
        nameof(Listen) => Listen,
        nameof(Mcp) => Mcp,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such message."),
    });
}
