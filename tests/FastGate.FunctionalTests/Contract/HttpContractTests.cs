using System.Text;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Contract;

/// <summary>Pins the HTTP paths and the names in the Prometheus text. Scripts, probes and dashboards rely on them.</summary>
public sealed partial class HttpContractTests(HttpContractTests.FixtureWithWebhook fixture) : IClassFixture<HttpContractTests.FixtureWithWebhook>
{
    [Theory]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/api/v1/status")]
    [InlineData("GET", "/api/v1/llm")]
    [InlineData("GET", "/api/v1/speech")]
    [InlineData("GET", "/api/v1/tools")]
    [InlineData("GET", "/api/v1/devices")]
    [InlineData("GET", "/api/v1/devices/somebody/memory")]
    [InlineData("DELETE", "/api/v1/devices/somebody/memory")]
    [InlineData("GET", "/api/v1/handshakes")]
    [InlineData("GET", "/talk")]
    [InlineData("GET", "/api/v1/caller")]
    [InlineData("GET", "/dashboard/app.js")]
    public async Task Admin_path_is_served(string method, string path) => await AssertServedAsync(method, fixture.Gateway.AdminUri(path));

    [Theory]
    [InlineData("GET", "/xiaozhi/ota/")]
    [InlineData("OPTIONS", "/xiaozhi/ota/")]
    [InlineData("GET", "/mcp/vision/explain")]
    [InlineData("OPTIONS", "/mcp/vision/explain")]
    [InlineData("GET", "/health/live")]
    [InlineData("GET", "/health/ready")]
    public async Task Public_path_is_served(string method, string path) => await AssertServedAsync(method, fixture.Gateway.HttpUri(path));

    [Fact]
    public async Task Metric_families_keep_their_name_and_type()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "contract-01");
        await device.HelloAsync();
        await device.SayAsync("hello");
        using HttpClient http = new();

        // A counter with tags is served after its first event.
        using HttpResponseMessage act = await http.PutAsync(
            fixture.Gateway.AdminUri("/api/v1/devices/contract-01/tags"), new StringContent("""{"tags":["contract"]}""", Encoding.UTF8, "application/json"));
        Assert.True(act.IsSuccessStatusCode);
        string[] expected = await File.ReadAllLinesAsync(Path.Combine(
            RepositoryPaths.Root, "tests", "FastGate.FunctionalTests", "Contract", "metric-families.txt"));
        await Eventually.ValueAsync(
            async () =>
            {
                string text = await http.GetStringAsync(fixture.Gateway.AdminUri("/metrics"));
                string[] served = [.. TypeLine().Matches(text).Select(static match => $"{match.Groups[1].Value} {match.Groups[2].Value}")];
                return string.Join('\n', expected.Except(served));
            },
            static missing => missing.Length == 0);
    }

    /// <summary>A server with a webhook, because only such a server has its metrics. The receiver never answers.</summary>
    public sealed class FixtureWithWebhook() : GatewayFixture("--FastGate:Webhooks:All:0=http://127.0.0.1:9/", "--FastGate:Webhooks:Secrets:0=secret-of-the-receiver");

    private static async Task AssertServedAsync(string method, Uri uri)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(new HttpMethod(method), uri);
        using HttpResponseMessage reply = await http.SendAsync(request);
        Assert.True((int)reply.StatusCode is >= 200 and < 300, $"{method} {uri} answered {reply.StatusCode}");
    }

    [GeneratedRegex("^# TYPE ([a-z0-9_]+) ([a-z]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
