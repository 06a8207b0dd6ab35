using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The <c>server</c> message of a management client.</summary>
public sealed class RestartTests
{
    private const string Secret = "secret-of-the-console";

    [RequiresProgramFact(RequiredProgram.PythonWebSockets)]
    public async Task Restart_under_a_pseudo_terminal_hands_over_to_a_new_process()
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
            Assert.NotEqual((int)seen["old_pid"]!, (int)seen["new_pid"]!);
            Assert.NotEqual((int)seen["old_session"]!, (int)seen["new_session"]!);
            Assert.NotEqual((int)seen["shell_session"]!, (int)seen["new_session"]!);
            Assert.All(seen["new_streams"]!.AsArray(), static stream => Assert.Equal("/dev/null", (string?)stream));
            Assert.Equal(0, (int)seen["inherited_terminals"]!);
            Assert.True((bool)seen["old_gone"]!);
            Assert.True((bool)seen["served_again"]!);
            Assert.True((bool)seen["remembered"]!);
            Assert.Equal("0", (string?)seen["old_exit"]);
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
    public async Task Restart_under_systemd_exits_and_starts_no_process()
    {
        int port = FreePort.Next();
        string listen = $"--FastGate:Devices:Listen=127.0.0.1:{port}";
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([listen, $"--FastGate:Management:Secret={Secret}"], shell: "export SYSTEMD_EXEC_PID=$$"));
        await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");

        await console.SendAsync(DeviceTexts.Restart(Secret));

        Assert.Equal("success", (string?)(await console.ReceiveAsync())["status"]);
        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.Empty(PosixProcess.FindByCommandLine(listen));
    }

    [Fact]
    public async Task Restart_with_an_invalid_configuration_is_refused()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-restart-").FullName;
        try
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([$"--FastGate:Management:Secret={Secret}"], directory);
            await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
            await File.WriteAllTextAsync(Path.Combine(directory, "appsettings.json"), """{"FastGate":{"Devices":{"Limits":{"Frame":-1}}}}""");

            await console.SendAsync(DeviceTexts.Restart(Secret));

            JsonObject reply = await console.ReceiveAsync();
            Assert.Equal("error", (string?)reply["status"]);
            Assert.StartsWith("Restart failed: ", (string?)reply["message"], StringComparison.Ordinal);
            Assert.Contains("Devices:Limits:Frame", (string?)reply["message"], StringComparison.Ordinal);
            await console.PingAsync();
            Assert.False(gateway.HasExited);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
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
