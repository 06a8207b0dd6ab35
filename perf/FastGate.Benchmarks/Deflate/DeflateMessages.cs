using System.IO.Compression;
using System.Text;

namespace FastGate.Benchmarks.Deflate;

/// <summary>Typical texts, and what a client's zlib makes of them.</summary>
internal static class DeflateMessages
{
    public static IEnumerable<string> Names => ["Listen", "Hello", "Reply1K", "Json16K"];

    public static byte[] Text(string name) => Encoding.UTF8.GetBytes(name switch
    {
        "Listen" => """{"session_id":"8f14e45f","type":"listen","state":"start","mode":"auto"}""",
        "Hello" => """{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""",
        "Reply1K" => Json(1 << 10),
        _ => Json(16 << 10),
    });

    /// <summary>A payload of permessage-deflate with the default level of zlib.</summary>
    public static byte[] Payload(string name)
    {
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Optimal);
        deflate.Write(Text(name));
        deflate.Flush();
        return output.ToArray()[..^4];
    }

    private static string Json(int length)
    {
        var text = new StringBuilder();
        var random = new Random(1);
        string[] words = ["volume", "light", "weather", "the music", "明天的天气", "客厅的灯", "is turned", "on", "off", "set to", "degrees", "please"];
        while (text.Length < length)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{{\"id\":{random.Next(100_000)},\"name\":\"self.{words[random.Next(4)]}.set\",\"text\":\"");
            for (int i = 0; i < 12; i++)
            {
                text.Append(words[random.Next(words.Length)]).Append(' ');
            }

            text.Append("\"},");
        }

        return text.ToString(0, length);
    }
}
