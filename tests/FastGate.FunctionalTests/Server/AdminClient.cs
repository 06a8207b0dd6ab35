using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Server;

/// <summary>The admin door, as an operator's script reads it.</summary>
public sealed class AdminClient(GatewayProcess gateway) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = Deadline.Hang };

    public async Task<JsonNode> GetAsync(string path)
    {
        string body = await _http.GetStringAsync(gateway.AdminUri(path));
        return JsonNode.Parse(body) ?? throw new JsonException($"{path} answered null.");
    }

    public async Task<JsonObject> StatusAsync() => (await GetAsync("/api/v1/status")).AsObject();

    public async Task<IReadOnlyList<JsonObject>> DevicesAsync() => Items(await GetAsync("/api/v1/devices?limit=1000"), "devices");

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> HandshakesAsync() => Items(await GetAsync("/api/v1/handshakes?limit=1000"), "handshakes");

    /// <summary>Connections of the device door that are not gone, whatever their phase.</summary>
    public Task<double> ConnectionCountAsync() => MetricAsync("fastgate_connections_open");

    public async Task<string> MemoryAsync(string deviceId)
    {
        using HttpResponseMessage reply = await _http.GetAsync(gateway.AdminUri($"/api/v1/devices/{Uri.EscapeDataString(deviceId)}/memory"));
        return reply.IsSuccessStatusCode ? AllStrings(await reply.Content.ReadAsStringAsync()) : "";
    }

    /// <summary>The sum over all tag values of one metric, or over those that hold <paramref name="tag"/>; 0 while none has been seen; a metric that does not exist is a failure.</summary>
    public async Task<double> MetricAsync(string name, string tag = "")
    {
        string text = await _http.GetStringAsync(gateway.AdminUri("/metrics"));
        double sum = 0;
        bool found = text.Contains($"# TYPE {name} ", StringComparison.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            {
                found = true;
                sum += !line.Contains(tag, StringComparison.Ordinal) ? 0 : double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
            }
        }

        return found ? sum : throw new KeyNotFoundException($"/metrics has no {name}:\n{text}");
    }

    public void Dispose() => _http.Dispose();

    private static List<JsonObject> Items(JsonNode page, string name) => [.. page[name]!.AsArray().Select(static item => item!.AsObject())];

    /// <summary>Every string in a document, unescaped, so that a test can look for what was said whatever the shape around it.</summary>
    private static string AllStrings(string json)
    {
        List<string> strings = [];
        Collect(JsonNode.Parse(json), strings);
        return string.Join('\n', strings);

        static void Collect(JsonNode? node, List<string> into)
        {
            switch (node)
            {
                case JsonObject item:
                    foreach (KeyValuePair<string, JsonNode?> property in item)
                    {
                        Collect(property.Value, into);
                    }

                    break;
                case JsonArray array:
                    foreach (JsonNode? item in array)
                    {
                        Collect(item, into);
                    }

                    break;
                case JsonValue value when value.TryGetValue(out string? text):
                    into.Add(text);
                    break;
            }
        }
    }
}
