using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>The <c>server</c> message of a management client.</summary>
public sealed class RestartMessageTests
{
    private const string Secret = "secret-of-the-console";

    [RequiresProgramFact(RequiredProgram.PythonWebSockets)]
    public async Task Restart_in_the_background_of_a_terminal_is_not_stopped_by_it()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-restart-").FullName;
        int devicePort = FreePort.Next();
        int httpPort = FreePort.Next();
        int adminPort = FreePort.Next();
        try
        {
            string output = await ExternalProgram.RunAsync(
                ExternalProgram.Python,
                [
                    Path.Combine(RepositoryPaths.Clients, "pty_restart.py"),
                    directory,
                    devicePort.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    httpPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    adminPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    Secret,
                    .. GatewayProcess.CommandLine(
                        $"--FastGate:Devices:Listen=127.0.0.1:{devicePort}",
                        $"--FastGate:Http:Listen=127.0.0.1:{httpPort}",
                        $"--FastGate:Admin:Listen=127.0.0.1:{adminPort}",
                        $"--FastGate:Management:Secret={Secret}"),
                ]);
            JsonNode seen = JsonNode.Parse(output.Trim().Split('\n')[^1])!;
            Assert.Equal("success", (string?)seen["reply"]!["status"]);
            Assert.Equal("restart", (string?)seen["reply"]!["content"]!["action"]);
            Assert.False((bool)seen["stopped"]!, "the server was stopped by a terminal signal");
            Assert.Equal((int)seen["old_pid"]!, (int)seen["new_pid"]!);
            Assert.Equal("done", (string?)seen["kept"]);
            Assert.True((bool)seen["served_again"]!);
            Assert.True((bool)seen["remembered"]!);
            Assert.Equal("0", (string?)seen["exit"]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Wrong_secret_is_refused()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Management:Secret={Secret}");
        await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
        await console.SendAsync(DeviceTexts.Restart("wrong"));
        JsonObject reply = await console.ReceiveAsync();
        Assert.Equal("server", (string?)reply["type"]);
        Assert.Equal("error", (string?)reply["status"]);
        await console.PingAsync();
        Assert.DoesNotContain(Secret, gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_secret_is_refused_when_none_is_configured_and_the_third_closes_the_connection()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
        foreach (string secret in (string[])["", "null", "anything"])
        {
            await console.SendAsync(DeviceTexts.Restart(secret));
            Assert.Equal("error", (string?)(await console.ReceiveAsync())["status"]);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await console.ReceiveCloseAsync());
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "console");
        await device.PingAsync();
    }

    [Fact]
    public async Task Update_config_message_reloads_the_configuration()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Management:Secret={Secret}");
        await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
        await console.SendAsync($$$"""{"type":"server","action":"update_config","content":{"secret":"{{{Secret}}}"}}""");
        JsonObject reply = await console.ReceiveAsync();
        Assert.Equal("success", (string?)reply["status"]);
        Assert.Equal("update_config", (string?)reply["content"]!["action"]);
        await console.PingAsync();
    }
}
