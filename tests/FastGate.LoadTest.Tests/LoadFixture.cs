using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;

namespace FastGate.LoadTest.Tests;

/// <summary>A server, a server in echo mode, and the driver with its command line.</summary>
public sealed class LoadFixture : IAsyncLifetime
{
    private GatewayProcess? _gateway;
    private GatewayProcess? _echo;

    public GatewayProcess Gateway => _gateway!;

    public GatewayProcess Echo => _echo!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayProcess.StartAsync("--FastGate:Devices:Timeouts:Close=00:00:00.2", "--FastGate:Speech:Vad:NoPacket=00:00:10");
        _echo = await GatewayProcess.StartAsync("--FastGate:Devices:Echo=true");
    }

    public async Task DisposeAsync()
    {
        await (_gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_echo?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Returns exit status, JSON, HTML and output.</summary>
    internal static async Task<(int Status, JsonNode Json, string Html, string Printed)> RunAsync(GatewayProcess gateway, string line)
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-load-").FullName;
        try
        {
            string json = Path.Combine(folder, "run.json");
            string html = Path.Combine(folder, "run.html");
            using StringWriter output = new();
            string[] args =
            [
                .. line.Split(' '), "--target", $"127.0.0.1:{gateway.DevicePort}", "--server-pid", $"{gateway.ProcessId}",
                "--json", json, "--html", html, "--settle", "20s",
            ];
            int status = await ScenarioCommands.Create(output, output).Parse(args).InvokeAsync();
            Assert.True(File.Exists(json), output.ToString());
            return (status, JsonNode.Parse(await File.ReadAllTextAsync(json))!, await File.ReadAllTextAsync(html), output.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs with <c>--max-lost 0</c> and expects exit status 0, equal numbers in both reports, and figures of the server.</summary>
    internal async Task<JsonNode> HeldAsync(string line)
    {
        (int status, JsonNode run, string html, string printed) = await RunAsync(Gateway, line + " --max-lost 0");
        Assert.True(status == 0, printed);
        Assert.NotNull(run["server"]);
        ReportTests.AssertSameNumbers(html, run.ToJsonString());
        return run;
    }

    internal static long Load(JsonNode run, string key) => (long)run["load"]![key]!;
}
