using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Fleet;

/// <summary>An operator's client of the acts on devices.</summary>
internal sealed class FleetClient(GatewayProcess gateway) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = Deadline.Program };

    /// <summary>Submits a command and returns its id.</summary>
    public async Task<string> CommandAsync(string deviceId, string body, string? key = null) =>
        (string)(await SendAsync(HttpMethod.Post, $"/api/v1/devices/{deviceId}/commands", body, HttpStatusCode.Accepted, key))!["id"]!;

    public async Task<JsonNode> FindAsync(string id) => (await SendAsync(HttpMethod.Get, $"/api/v1/commands/{id}"))!;

    public async Task<string> StateAsync(string id) => (string)(await FindAsync(id))["state"]!;

    public Task<JsonNode?> DrainAsync(string body) => SendAsync(HttpMethod.Post, "/api/v1/drain", body, HttpStatusCode.Accepted);

    public async Task<JsonNode> DrainReportAsync() => (await SendAsync(HttpMethod.Get, "/api/v1/drain"))!;

    public Task<JsonNode?> CancelDrainAsync() => SendAsync(HttpMethod.Delete, "/api/v1/drain");

    public async Task<(HttpStatusCode Status, string Body)> ReadyAsync()
    {
        using HttpResponseMessage answer = await _http.GetAsync(gateway.HttpUri("/health/ready"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<JsonNode?> SendAsync(HttpMethod method, string path, string? body = null, HttpStatusCode expected = HttpStatusCode.OK, string? key = null)
    {
        using HttpRequestMessage request = new(method, gateway.AdminUri(path));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    public void Dispose() => _http.Dispose();
}
