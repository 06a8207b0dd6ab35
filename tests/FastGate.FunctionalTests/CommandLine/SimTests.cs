using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>Simulated devices against a real server.</summary>
public sealed class SimTests
{
    private const int Devices = 4;

    [Fact]
    public async Task Devices_speak_to_a_server_and_hear_themselves()
    {
        // Speech without a service: each utterance is played back.
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            "--FastGate:Auth:Enabled=true", "--FastGate:Auth:Key=signing-key-1", "--FastGate:Speech:Mode=Parrot", "--FastGate:Speech:Vad:NoPacket=00:00:05");
        string script = await WriteAsync(gateway, "connect\nsay tone 1.2\nwait 0.1-0.3\nsay tone 1\ngoodbye\nrepeat 2\n");
        ServerCommand sim = await ServerCommand.RunAsync(gateway, "sim", "--count", $"{Devices}", "--rate", "20", "--script", script, "--json");

        JsonObject summary = sim.Json.AsObject();
        Assert.True(sim.ExitCode == 0, $"{sim.Output}\n{sim.Errors}\n{gateway.Log}");
        Assert.Equal((Devices, Devices, 0), ((int)summary["started"]!, (int)summary["finished"]!, (int)summary["failed"]!));
        Assert.Equal((2 * Devices, 4 * Devices, 4 * Devices), ((int)summary["connects"]!, (int)summary["turns"]!, (int)summary["replies"]!));
        Assert.Equal(2 * Devices * (20 + 17), (int)summary["frames sent"]!);
        Assert.InRange((int)summary["frames received"]!, 2 * Devices, int.MaxValue);
        Assert.Equal(0, (int)summary["connected"]!);
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(admin.DevicesAsync, static devices => devices.Count == 0);
        Assert.Equal(0, await admin.MetricAsync("fastgate_connections_ended_total", "reason=\"protocol_violation\"", mayBeUnused: true));
    }

    [Fact]
    public async Task Words_are_answered_and_tools_are_offered()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        ServerCommand sim = await ServerCommand.RunAsync(gateway, "sim", gateway.DeviceUri().ToString(), "--say", "hello", "--json");
        Assert.True(sim.ExitCode == 0, $"{sim.Output}\n{sim.Errors}\n{gateway.Log}");
        Assert.Equal((1, 1), ((int)sim.Json["replies"]!, (int)sim.Json["finished"]!));
    }

    [Fact]
    public async Task Lost_connection_is_opened_again()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        string script = await WriteAsync(gateway, "connect\nwait 600\n");
        Task<ServerCommand> running = ServerCommand.RunAsync(gateway, "sim", "--script", script, "--retry-after", "1", "--duration", "20", "--json");
        using AdminClient admin = new(gateway);
        string id = (string)(await Eventually.ValueAsync(admin.DevicesAsync, static devices => devices.Count == 1))[0]["deviceId"]!;
        Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "devices", "kick", id)).ExitCode);
        await Eventually.ValueAsync(() => admin.MetricAsync("fastgate_connections_ended_total"), static ended => ended >= 1);
        await Eventually.ValueAsync(admin.DevicesAsync, static devices => devices.Count == 1);

        ServerCommand sim = await running;
        Assert.Equal((0, 2, 1), (sim.ExitCode, (int)sim.Json["connects"]!, (int)sim.Json["lost"]!));
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/xiaozhi/ota/")]
    [InlineData("ws://127.0.0.1:{0}/xiaozhi/v1/")]
    public async Task Devices_that_cannot_connect_are_exit_code_1(string target)
    {
        ServerCommand sim = await ServerCommand.RunAsync(
            Path.GetTempPath(), "sim", string.Format(null, target, FreePort.Next()), "--count", "3", "--attempts", "1", "--json");
        Assert.Equal((1, 3, 3), (sim.ExitCode, (int)sim.Json["failed"]!, (int)sim.Json["refused"]!));
        Assert.Contains("no connection after 1 attempts", (string?)sim.Json["last error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sim --count 0", "--count is a number from 1 to 100000.")]
    [InlineData("sim ftp://x", "\"ftp://x\" is no address.")]
    [InlineData("sim --script /dev/null", "/dev/null: the script has no step")]
    public async Task Usage_error_is_exit_code_2(string line, string error)
    {
        ServerCommand sim = await ServerCommand.RunAsync(Path.GetTempPath(), line.Split(' '));
        Assert.Equal((2, ""), (sim.ExitCode, sim.Output));
        Assert.StartsWith(error, sim.Errors, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(GatewayProcess gateway, string script)
    {
        string path = Path.Combine(gateway.WorkingDirectory, "script.txt");
        await File.WriteAllTextAsync(path, script);
        return path;
    }
}
