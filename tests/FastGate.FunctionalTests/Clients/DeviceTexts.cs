using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastGate.FunctionalTests.Clients;

/// <summary>Device messages and requests, spelled as the firmware spells them.</summary>
public static class DeviceTexts
{
    public const string Hello =
        """{"type":"hello","version":1,"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""";

    public const string Ping = """{"type":"ping"}""";

    public static string Detect(string text) => $$"""{"session_id":"","type":"listen","state":"detect","text":"{{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}}"}""";

    public static string Restart(string secret) =>
        JsonSerializer.Serialize(new { type = "server", action = "restart", content = new { secret } });

    /// <summary>The firmware's upgrade request, byte for byte: Host without a port, headers in ASCII order, no optional header.</summary>
    public static string Esp32Request(string deviceId, string path = "/xiaozhi/v1/") =>
        $"GET {path} HTTP/1.1\r\n" +
        "Host: 127.0.0.1\r\n" +
        "Authorization: Bearer test-token\r\n" +
        "Client-Id: 7a1c0f7e-3b52-4c1f-9d0e-5f2b8a6c4d10\r\n" +
        "Connection: Upgrade\r\n" +
        $"Device-Id: {deviceId}\r\n" +
        "Protocol-Version: 1\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "Sec-WebSocket-Version: 13\r\n" +
        "Upgrade: websocket\r\n" +
        "\r\n";
}
