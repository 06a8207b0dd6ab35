using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>The command <c>command</c>, with a simulated device that answers tools.</summary>
public sealed class ToolCommandTests
{
    private const string Tool = "self.audio_speaker.set_volume";
    private const string Arguments = """{"volume":40}""";

    [Fact]
    public async Task Tool_of_a_connected_device_is_called_and_one_for_an_absent_device_waits()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        string script = Path.Combine(gateway.WorkingDirectory, "script.txt");
        await File.WriteAllTextAsync(script, "connect\nwait 3600\n");
        await using var fleet = TerminalProgram.Start(gateway.WorkingDirectory, "sim", "--script", script, "--json");
        using AdminClient admin = new(gateway);
        string id = (string)(await Eventually.ValueAsync(admin.DevicesAsync, static devices => devices.Count == 1))[0]["deviceId"]!;

        ServerCommand called = await ServerCommand.RunAsync(gateway, "command", "send", id, Tool, "--arguments", Arguments, "--wait", "--json");
        Assert.True(called.ExitCode == 0, called.Output + called.Errors);
        Assert.Equal(("acknowledged", Tool), ((string?)called.Json["state"], (string?)called.Json["tool"]));

        ServerCommand waiting = await ServerCommand.RunAsync(gateway, "command", "send", "02:ff:00:00:00:01", Tool, "--arguments", Arguments, "--ttl", "600", "--json");
        string command = waiting.Json["id"]!.ToString();
        Assert.Equal("queued", (string?)waiting.Json["state"]);
        JsonObject listed = Assert.Single((await ServerCommand.RunAsync(gateway, "command", "list", "02:ff:00:00:00:01", "--json")).Items);
        Assert.Equal(command, listed["id"]!.ToString());
        Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "command", "cancel", command)).ExitCode);
        Assert.Equal("cancelled", (string?)(await ServerCommand.RunAsync(gateway, "command", "show", command, "--json")).Json["state"]);
        Assert.Equal(5, (await ServerCommand.RunAsync(gateway, "command", "show", "4711")).ExitCode);

        await fleet.SendAsync('\u0003');
        Assert.Equal(0, await fleet.ExitCodeAsync());
        Assert.Contains("\"tool calls\":1", fleet.Screen, StringComparison.Ordinal);
    }
}
