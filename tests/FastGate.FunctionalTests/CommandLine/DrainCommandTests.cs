using System.Net.WebSockets;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>The command <c>drain</c>, and what Ctrl-C does to a drain that it waits for.</summary>
public sealed class DrainCommandTests
{
    /// <summary>At one device a second, a drain of these outlasts every step of a test before its end.</summary>
    private const int Devices = 300;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ctrl_c_leaves_the_drain_running_or_cancels_it(bool cancels)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using var fleet = TerminalProgram.Start(gateway.WorkingDirectory, "TERM=dumb", "sim", gateway.DeviceUri().ToString(), "--count", $"{Devices}", "--rate", "1000", "--retry-after", "3600", "--script", await ScriptAsync(gateway));
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(admin.StatusAsync, static status => (int)status["connections"]!["registered"]! == Devices);

        string[] words = ["drain", "start", "--rate", "1", "--wait", "--yes", .. cancels ? (string[])["--cancel-on-interrupt"] : []];
        await using var drain = TerminalProgram.Start(gateway.WorkingDirectory, words);
        await drain.WaitForAsync("remaining");
        await drain.SendAsync('\u0003');
        Assert.Equal(130, await drain.ExitCodeAsync());
        Assert.Contains(cancels ? "The drain is cancelled." : "\"FastGate drain cancel\" ends it.", drain.Screen, StringComparison.Ordinal);

        Assert.Equal(cancels ? "none" : "draining", (string?)(await ServerCommand.RunAsync(gateway, "drain", "status", "--json")).Json["state"]);
        if (!cancels)
        {
            await Assert.ThrowsAsync<WebSocketException>(() => DeviceClient.ConnectAsync(gateway, "cli-refused"));
            Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "drain", "cancel")).ExitCode);
        }

        await using DeviceClient accepted = await DeviceClient.ConnectAsync(gateway, "cli-accepted");
        Assert.Equal(5, (await ServerCommand.RunAsync(gateway, "drain", "cancel")).ExitCode);
        await fleet.SendAsync('\u0003');
        Assert.Equal(0, await fleet.ExitCodeAsync());
    }

    [Fact]
    public async Task Drain_that_is_waited_for_ends_with_no_device_left()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "cli-drained");
        await device.HelloAsync();
        ServerCommand drain = await ServerCommand.RunAsync(gateway, "drain", "start", "--reconnect", "--wait", "--yes");
        Assert.Equal(0, drain.ExitCode);
        Assert.Contains("drained", drain.Output, StringComparison.Ordinal);
        Assert.Equal((WebSocketCloseStatus)1012, await device.ReceiveCloseAsync());
        Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "drain", "cancel")).ExitCode);
    }

    private static async Task<string> ScriptAsync(GatewayProcess gateway)
    {
        string path = Path.Combine(gateway.WorkingDirectory, "script.txt");
        await File.WriteAllTextAsync(path, "connect\nwait 3600\n");
        return path;
    }
}
