using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Server;

/// <summary>A client of the admin listener.</summary>
public sealed class AdminClient(GatewayProcess gateway) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = Deadline.Hang };

    public async Task<JsonNode> GetAsync(string path)
    {
        string body = await _http.GetStringAsync(gateway.AdminUri(path));
        return JsonNode.Parse(body) ?? throw new JsonException($"{path} returned null.");
    }

    public async Task<JsonObject> StatusAsync() => (await GetAsync("/api/v1/status")).AsObject();

    public async Task<IReadOnlyList<JsonObject>> DevicesAsync() => Items(await GetAsync("/api/v1/devices?limit=1000"), "devices");

    /// <summary>The recorded handshakes, newest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> HandshakesAsync() => Items(await GetAsync("/api/v1/handshakes?limit=1000"), "handshakes");

    /// <summary>Open connections of the device listener, in any phase.</summary>
    public Task<double> ConnectionCountAsync() => MetricAsync("fastgate_connections_open");

    /// <summary>Asks the server to close the connection of a device.</summary>
    public async Task KickAsync(string deviceId)
    {
        using HttpResponseMessage reply = await _http.PostAsync(gateway.AdminUri($"/api/v1/devices/{Uri.EscapeDataString(deviceId)}/kick"), content: null);
        reply.EnsureSuccessStatusCode();
    }

    public async Task<string> MemoryAsync(string deviceId)
    {
        using HttpResponseMessage reply = await _http.GetAsync(gateway.AdminUri($"/api/v1/devices/{Uri.EscapeDataString(deviceId)}/memory"));
        return reply.IsSuccessStatusCode ? AllStrings(await reply.Content.ReadAsStringAsync()) : "";
    }

    /// <summary>Sums all series of a metric, or those that contain <paramref name="tag"/>; 0 without series. Throws when the metric does not exist.</summary>
    /// <param name="name">The name in the text format.</param>
    /// <param name="tag">A tag with its value.</param>
    /// <param name="mayBeUnused">A counter that has not counted yet is not in the page; it is 0.</param>
    public async Task<double> MetricAsync(string name, string tag = "", bool mayBeUnused = false)
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

        return found || mayBeUnused ? sum : throw new KeyNotFoundException($"/metrics has no {name}:\n{text}");
    }

    public void Dispose() => _http.Dispose();

    private static List<JsonObject> Items(JsonNode page, string name) => [.. page[name]!.AsArray().Select(static item => item!.AsObject())];

    /// <summary>Returns all strings of a document, unescaped, so that a test can search the text without knowing the schema.</summary>
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
