using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>The published rules and the published configuration in Debian's Prometheus.</summary>
public sealed class PrometheusTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-prometheus-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Rules_are_valid_and_fire_as_their_tests_say()
    {
        string folder = DeployFiles.PathOf("prometheus");
        Assert.Contains("SUCCESS", await ExternalProgram.RunAsync("promtool", ["check", "rules", "fastgate.rules.yml"], folder), StringComparison.Ordinal);
        Assert.Contains("SUCCESS", await ExternalProgram.RunAsync("promtool", ["test", "rules", "fastgate.tests.yml"], folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prometheus_scrapes_a_gateway_with_the_token_of_viewers_and_evaluates_the_rules()
    {
        const string Token = "view-token-of-the-test";
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            $"--FastGate:Admin:ViewToken={Token}", "--FastGate:Admin:Token=another-token-of-the-test", "--FastGate:Webhooks:All:0=http://127.0.0.1:9/", "--FastGate:Webhooks:Secrets:0=secret-of-the-receiver");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "scraped");
        await device.HelloAsync();
        int port = FreePort.Next();
        string token = Path.Combine(_directory, "token");
        await File.WriteAllTextAsync(token, Token);
        File.Copy(DeployFiles.PathOf("prometheus", "fastgate.rules.yml"), Path.Combine(_directory, "fastgate.rules.yml"));
        string file = Path.Combine(_directory, "prometheus.yml");
        await File.WriteAllTextAsync(file, DeployFiles.Read(
            "prometheus/prometheus.compose.yml",
            ("/run/secrets/view-token", token), ("fastgate:8002", $"127.0.0.1:{gateway.AdminPort}"), ("scrape_interval: 15s", "scrape_interval: 1s"), ("evaluation_interval: 15s", "evaluation_interval: 1s")));
        await using ForeignServer prometheus = await ForeignServer.StartAsync(
            "prometheus", port, _directory, $"--config.file={file}", $"--storage.tsdb.path={_directory}/data", $"--web.listen-address=127.0.0.1:{port}");
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        await Eventually.TrueAsync(async () => (await http.GetAsync(new Uri("-/ready", UriKind.Relative))).IsSuccessStatusCode, Deadline.Program);
        await Eventually.ValueAsync(() => QueryAsync(http, "up{job=\"fastgate\"}"), static value => value == "1", Deadline.Program);
        await Eventually.ValueAsync(() => QueryAsync(http, "fastgate_connections_open{job=\"fastgate\"}"), static value => value == "1", Deadline.Program);
        foreach (string name in (string[])["fastgate_commands_pending", "fastgate_commands_ended_total", "fastgate_webhooks_pending", "fastgate_drain_refused_total", "fastgate_scrape_errors_total"])
        {
            Assert.NotNull(await QueryAsync(http, name));
        }

        await Eventually.TrueAsync(async () => (await RulesAsync(http)).All(static rule => (string?)rule["health"] == "ok"), Deadline.Program);
        IReadOnlyList<JsonObject> rules = await RulesAsync(http);
        Assert.True(rules.Count >= 20);
        Assert.DoesNotContain(rules, static rule => (string?)rule["state"] == "firing");
    }

    private static async Task<string?> QueryAsync(HttpClient http, string query)
    {
        JsonNode? reply = await http.GetFromJsonAsync<JsonNode>($"api/v1/query?query={Uri.EscapeDataString(query)}");
        return (string?)reply?["data"]?["result"]?.AsArray().FirstOrDefault()?["value"]?[1];
    }

    private static async Task<IReadOnlyList<JsonObject>> RulesAsync(HttpClient http)
    {
        JsonNode? reply = await http.GetFromJsonAsync<JsonNode>("api/v1/rules");
        return [.. reply!["data"]!["groups"]!.AsArray().SelectMany(static group => group!["rules"]!.AsArray()).Select(static rule => rule!.AsObject())];
    }
}
