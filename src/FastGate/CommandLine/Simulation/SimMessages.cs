using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastGate.CommandLine.Simulation;

/// <summary>The messages of a device, with the firmware's words and order of keys.</summary>
internal static class SimMessages
{
    public const string Hello =
        """{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""";

    private const string Tools =
        """{"tools":[{"name":"self.get_device_status","description":"The state of the device.","inputSchema":{"type":"object","properties":{}}},{"name":"self.audio_speaker.set_volume","description":"Sets the volume of the speaker.","inputSchema":{"type":"object","properties":{"volume":{"type":"integer","minimum":0,"maximum":100}},"required":["volume"]}}]}""";

    public static string Ota(SimIdentity identity) =>
        $$$"""{"version":2,"language":"zh-CN","flash_size":16777216,"minimum_free_heap_size":7000000,"mac_address":"{{{identity.DeviceId}}}","uuid":"{{{identity.ClientId}}}","chip_model_name":"esp32s3","application":{"name":"xiaozhi","version":"{{{SimIdentity.Firmware}}}"},"board":{"type":"{{{SimIdentity.Board}}}","name":"{{{SimIdentity.Board}}}","mac":"{{{identity.DeviceId}}}"}}""";

    public static string ListenStart(string session) => Session(session, """type":"listen","state":"start","mode":"manual"}""");

    public static string ListenStop(string session) => Session(session, """type":"listen","state":"stop"}""");

    public static string Detect(string session, string text) => Session(session, $$"""type":"listen","state":"detect","text":"{{Escaped(text)}}"}""");

    public static string Abort(string session) => Session(session, """type":"abort","reason":"wake_word_detected"}""");

    public static string Goodbye(string session) => Session(session, """type":"goodbye"}""");

    /// <summary>The answer to a request of the MCP server's client; null for a notification, which has no id.</summary>
    public static string? AnswerTo(string session, JsonElement request)
    {
        if (!request.TryGetProperty("id", out JsonElement id) || !request.TryGetProperty("method", out JsonElement method) || method.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        string outcome = method.GetString() switch
        {
            "initialize" => $"result\":{{\"protocolVersion\":\"2024-11-05\",\"capabilities\":{{\"tools\":{{}}}},\"serverInfo\":{{\"name\":\"{SimIdentity.Board}\",\"version\":\"{SimIdentity.Firmware}\"}}}}",
            "tools/list" => $"result\":{Tools}",
            "tools/call" => """result":{"content":[{"type":"text","text":"true"}],"isError":false}""",
            _ => """error":{"code":-32601,"message":"method not found"}""",
        };
        return Session(session, $"type\":\"mcp\",\"payload\":{{\"jsonrpc\":\"2.0\",\"id\":{id.GetRawText()},\"{outcome}}}}}");
    }

    /// <summary>Every message begins so; the rest begins inside the quotes of its first key.</summary>
    private static string Session(string session, string rest) => $$"""{"session_id":"{{Escaped(session)}}","{{rest}}""";

    private static string Escaped(string text) => JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text);
}
