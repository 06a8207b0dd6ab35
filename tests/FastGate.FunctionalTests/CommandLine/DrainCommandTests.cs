using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>The command <c>drain</c>, and what Ctrl-C does to a drain that it waits for.</summary>
public sealed partial class DrainCommandTests
{
    /// <summary>At one device a second, a drain of so many outlasts every step of a test.</summary>
    private const int Devices = 300;

    /// <summary>SIGINT comes in the middle: some devices have left and most have not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ctrl_c_leaves_the_drain_running_or_cancels_it(bool cancels)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using TerminalProgram fleet = await ConnectFleetAsync(gateway);
        string[] words = ["drain", "start", "--rate", "1", "--wait", "--yes", .. cancels ? (string[])["--cancel-on-interrupt"] : []];
        await using var drain = RunningCommand.Start(gateway, words);
        await Eventually.TrueAsync(() => ClosedDevices().IsMatch(drain.Errors), Deadline.Program);

        drain.Interrupt();

        Assert.Equal(130, await drain.ExitCodeAsync());
        Assert.Contains(cancels ? "The drain is cancelled." : "\"FastGate drain cancel\" ends it.", drain.Errors, StringComparison.Ordinal);
        Assert.Empty(drain.Output);
        JsonNode report = (await ServerCommand.RunAsync(gateway, "drain", "status", "--json")).Json;
        if (cancels)
        {
            Assert.Equal("none", (string?)report["state"]);
        }
        else
        {
            Assert.Equal("draining", (string?)report["state"]);
            Assert.InRange((int)report["remaining"]!, 1, Devices - 1);
            using AdminClient admin = new(gateway);
            await Eventually.ValueAsync(() => admin.GetAsync("/api/v1/drain"), later => (long)later["closed"]! > (long)report["closed"]!);
            await Assert.ThrowsAsync<WebSocketException>(() => DeviceClient.ConnectAsync(gateway, "cli-refused"));
            Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "drain", "cancel")).ExitCode);
        }

        await using DeviceClient accepted = await DeviceClient.ConnectAsync(gateway, "cli-accepted");
        Assert.Equal(5, (await ServerCommand.RunAsync(gateway, "drain", "cancel")).ExitCode);
        await fleet.SendAsync('\u0003');
        Assert.Equal(0, await fleet.ExitCodeAsync());
    }

    [Fact]
    public async Task Drain_that_ends_before_its_devices_have_left_is_no_success()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();

        // One leaves each second, so that most are there when the drain is cancelled, also on a slow machine.
        await using TerminalProgram fleet = await ConnectFleetAsync(gateway);
        await using var drain = RunningCommand.Start(gateway, "drain", "start", "--rate", "1", "--wait", "--yes");
        await Eventually.TrueAsync(() => drain.Errors.Contains("remaining", StringComparison.Ordinal), Deadline.Program);
        Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "drain", "cancel")).ExitCode);
        Assert.Equal(1, await drain.ExitCodeAsync());
        Assert.Contains("The drain has ended before its devices have left", drain.Errors, StringComparison.Ordinal);
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

    /// <summary>Devices that stay and do not come back once they were closed.</summary>
    private static async Task<TerminalProgram> ConnectFleetAsync(GatewayProcess gateway)
    {
        string script = Path.Combine(gateway.WorkingDirectory, "script.txt");
        await File.WriteAllTextAsync(script, "connect\nwait 3600\n");
        var fleet = TerminalProgram.Start(gateway.WorkingDirectory, "TERM=dumb", "sim", gateway.DeviceUri().ToString(), "--count", $"{Devices}", "--rate", "1000", "--retry-after", "3600", "--script", script);
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(admin.StatusAsync, static status => (int)status["connections"]!["registered"]! == Devices);
        return fleet;
    }

    [GeneratedRegex("^[1-9][0-9]* devices closed", RegexOptions.Multiline)]
    private static partial Regex ClosedDevices();
}
