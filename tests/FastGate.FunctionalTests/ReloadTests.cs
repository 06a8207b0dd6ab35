using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>How an operator notices a reload that was refused.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task Refused_reload_shows_in_status_readiness_and_metrics_until_one_succeeds()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using HttpClient http = new() { Timeout = Deadline.Hang };
        string file = Path.Combine(gateway.WorkingDirectory, "appsettings.json");

        await File.WriteAllTextAsync(file, """{"FastGate":{"Devices":{"Limits":{"Frame":-1}}}}""");

        await Eventually.TrueAsync(async () => (long?)(await StatusAsync())["configuration"]!["refused"] > 0);
        JsonNode status = await StatusAsync();
        Assert.Contains("Devices:Limits:Frame", (string?)status["configuration"]!["lastError"], StringComparison.Ordinal);
        Assert.NotNull((DateTimeOffset?)status["configuration"]!["lastErrorAt"]);
        Assert.True((bool?)status["ready"]);
        Assert.Equal("""{"status":"ready","reasons":["configuration: the last reload was refused"]}""", await http.GetStringAsync(gateway.HttpUri("/health/ready")));
        Assert.Matches("""(?m)^fastgate_configuration_reloads_total\{[^}]*outcome="refused"[^}]*\} [1-9]""", await http.GetStringAsync(gateway.AdminUri("/metrics")));

        await File.WriteAllTextAsync(file, """{"FastGate":{"Session":{"Greeting":"hello"}}}""");

        await Eventually.TrueAsync(async () => (await StatusAsync())["configuration"]!["lastError"] is null);
        Assert.Equal(1, (long?)(await StatusAsync())["configuration"]!["applied"]);
        Assert.Equal("""{"status":"ready","reasons":[]}""", await http.GetStringAsync(gateway.HttpUri("/health/ready")));

        async Task<JsonNode> StatusAsync() => JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri("/api/v1/status")))!;
    }
}
