using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>The command <c>top</c> against a running server.</summary>
public sealed class TopCommandTests
{
    [Fact]
    public async Task Numbers_come_once_a_second_as_lines_or_as_a_table()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "cli-top");
        await device.HelloAsync();

        JsonObject[] overviews = [.. (await ServerCommand.RunAsync(gateway, "top", "--json", "--count", "2")).Items];
        Assert.Equal([1, 1], overviews.Select(static overview => (int)overview["devices"]!));
        ServerCommand plain = await ServerCommand.RunAsync(gateway, "top", "--count", "2");
        Assert.Equal(0, plain.ExitCode);
        Assert.Contains("devices 1, open connections 1, connects a second 0.0", plain.Output, StringComparison.Ordinal);

        string command = string.Join(' ', RepositoryPaths.ServerCommand().Select(static part => $"'{part}'"));
        string piped = await ExternalProgram.RunAsync("/bin/bash", ["-c", $"{command} top --json | head -1; echo ${{PIPESTATUS[0]}}"], gateway.WorkingDirectory);
        Assert.EndsWith("}\n141\n", piped, StringComparison.Ordinal);

        await using var top = TerminalProgram.Start(gateway.WorkingDirectory, "top");
        await top.WaitForAsync("open connections");
        await top.SendAsync('\u0003');
        Assert.Equal(0, await top.ExitCodeAsync());
    }
}
