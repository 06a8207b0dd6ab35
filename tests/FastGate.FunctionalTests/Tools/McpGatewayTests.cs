using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Tools;

/// <summary>The servers of a whole gateway: its start, its stop, its reload and what an administrator sees.</summary>
public sealed class McpGatewayTests
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Silent_server_delays_neither_the_start_nor_the_stop()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(Options(("bad", "silent"), ("home", "normal")));
        using AdminClient admin = new(gateway);
        JsonNode home = await ServerAsync(admin, "home", "ready");
        Assert.Contains(home["tools"]!.AsArray(), static tool => (string?)tool!["name"] == "read_file_" && (string?)tool["serverName"] == "read file!");
        await ServerAsync(admin, "bad", "starting");
        Assert.Equal(2, await admin.MetricAsync("fastgate_mcp_servers"));
        Assert.Equal(1, await admin.MetricAsync("fastgate_mcp_servers_ready"));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [RequiresProgramTheory(RequiredProgram.Python)]
    [InlineData("normal", PosixProcess.SigTerm)]
    [InlineData("normal", PosixProcess.SigKill)]
    [InlineData("stays", PosixProcess.SigTerm)]
    public async Task Program_ends_with_the_gateway(string mode, int signal)
    {
        string mark = $"mark-{Guid.NewGuid():N}";
        await using GatewayProcess gateway = await GatewayProcess.StartAsync([.. Options(("home", mode)), $"--FastGate:Mcp:Servers:home:Arguments:2={mark}"]);
        using AdminClient admin = new(gateway);
        await ServerAsync(admin, "home", "ready");
        Assert.Single(Programs(mark));
        gateway.Signal(signal);
        await gateway.WaitForExitAsync();
        await Eventually.TrueAsync(() => Programs(mark).Length == 0);
    }

    /// <summary>A program that holds a listener's socket would keep the port after a restart.</summary>
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Program_inherits_no_socket()
    {
        string mark = $"mark-{Guid.NewGuid():N}";
        await using GatewayProcess gateway = await GatewayProcess.StartAsync([.. Options(("home", "normal")), $"--FastGate:Mcp:Servers:home:Arguments:2={mark}"]);
        using AdminClient admin = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "device");
        await ServerAsync(admin, "home", "ready");
        IReadOnlyList<string> descriptors = PosixProcess.Descriptors(Assert.Single(Programs(mark)));
        Assert.Contains(descriptors, static target => target.StartsWith("pipe:", StringComparison.Ordinal));
        Assert.DoesNotContain(descriptors, static target => target.StartsWith("socket:", StringComparison.Ordinal) || target.Contains("fastgate.db", StringComparison.Ordinal));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Reload_adds_and_removes_servers_and_reads_secrets_from_files()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-mcp-").FullName;
        await using McpHttpServer web = await McpHttpServer.StartAsync("normal");
        try
        {
            string secret = Path.Combine(folder, "key");
            await File.WriteAllTextAsync(secret, McpHttpServer.ApiKey + "\n");
            string settings = Path.Combine(folder, "appsettings.json");
            await File.WriteAllTextAsync(settings, Json(("home", "normal")));
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([], folder);
            using AdminClient admin = new(gateway);
            await ServerAsync(admin, "home", "ready");

            await File.WriteAllTextAsync(settings, $$$"""
                {"FastGate":{"Mcp":{"Servers":{"web":{"Url":"http://127.0.0.1:{{{web.Port}}}/mcp","ApiKey_FILE":"{{{secret}}}","Headers":{"X-Extra":"extra"} } } } } }
                """);
            JsonNode added = await ServerAsync(admin, "web", "ready");
            Assert.Equal("http", (string?)added["transport"]);
            Assert.Single((await admin.GetAsync("/api/v1/tools"))["servers"]!.AsArray());
            Assert.DoesNotContain(McpHttpServer.ApiKey, gateway.Log, StringComparison.Ordinal);
            Assert.Equal(0, await gateway.TerminateAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Options(params (string Name, string Mode)[] servers) =>
    [
        .. servers.SelectMany(static server => McpFixture.Stdio(server.Name, server.Mode)).Select(static setting => $"--FastGate:Mcp:Servers:{setting.Key}={setting.Value}"),
    ];

    private static string Json(params (string Name, string Mode)[] servers) => JsonSerializer.Serialize(new
    {
        FastGate = new
        {
            Mcp = new
            {
                Servers = servers.ToDictionary(
                    static server => server.Name, static server => new { Command = ExternalProgram.Python, Arguments = new[] { McpFixture.Script, server.Mode } }),
            },
        },
    });

    private static async Task<JsonNode> ServerAsync(AdminClient admin, string name, string state) => (await Eventually.ValueAsync(
        async () => (await admin.GetAsync("/api/v1/tools"))["servers"]!.AsArray().FirstOrDefault(server => (string?)server!["name"] == name),
        server => ((string?)server?["state"])?.Equals(state, StringComparison.OrdinalIgnoreCase) == true))!;

    /// <summary>The programs with this argument. The command line of the gateway contains it too.</summary>
    private static int[] Programs(string mark) => [.. PosixProcess.FindByCommandLine($"mcp_server.py\0").Intersect(PosixProcess.FindByCommandLine($"\0{mark}\0"))];
}
