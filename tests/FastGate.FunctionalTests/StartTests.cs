using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests;

/// <summary>Configuration, and what a start costs.</summary>
public sealed partial class StartTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("--FastGate:Devices:Limits:Frame=-1", "Devices:Limits:Frame", "-1")]
    [InlineData("--FastGate:Devices:Limits:Frame=many", "Devices:Limits:Frame", "many")]
    [InlineData("--FastGate:Devices:Transport=Pigeon", "Devices:Transport", "Pigeon")]
    [InlineData("--FastGate:Devices:Timeouts:Idle=soon", "Devices:Timeouts:Idle", "soon")]
    [InlineData("--FastGate:Devices:Listen=nowhere", "Devices:Listen", "nowhere")]
    [InlineData("--FastGate:Memory:Provider=paper", "Memory:Provider", "paper")]
    public async Task A_bad_value_stops_the_start_and_is_named(string argument, string key, string value)
    {
        await using var gateway = GatewayProcess.Launch([argument]);
        Assert.NotEqual(0, await gateway.WaitForExitAsync());
        Assert.Contains(key, gateway.Log, StringComparison.Ordinal);
        Assert.Contains(value, gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_stops_the_start_and_is_named()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-broken-").FullName;
        try
        {
            string file = Path.Combine(directory, "appsettings.json");
            await File.WriteAllTextAsync(file, "{\n  \"FastGate\": {\n");
            await using var gateway = GatewayProcess.Launch([], directory);
            Assert.Equal(1, await gateway.WaitForExitAsync());
            Assert.Contains(file, gateway.Log, StringComparison.Ordinal);
            Assert.Contains("line 3", gateway.Log, StringComparison.Ordinal);

            // A message for people, not the stack of a defect.
            Assert.DoesNotContain("   at ", gateway.Log, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task An_unknown_key_is_warned_about_with_the_nearest_known_one()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:Timeouts:Idel=00:01:00");
        await Eventually.TrueAsync(() => gateway.Log.Contains("Idel", StringComparison.Ordinal));
        Assert.Contains("Devices:Timeouts:Idle", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using GatewayProcess first = await GatewayProcess.StartAsync();
        await using var second = GatewayProcess.Launch([$"--FastGate:Http:Listen=127.0.0.1:{first.HttpPort}"]);
        Assert.NotEqual(0, await second.WaitForExitAsync(Deadline.Program));
        Assert.Contains($"{first.HttpPort}", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_server_fits_a_small_machine()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();

        // The start must take less than two seconds on a machine of its own. On a busy one the clock tells of others; what the processor did for
        // this process does not, and a start that waits for nothing takes no longer than that.
        TimeSpan worked = PosixProcess.ProcessorTime(gateway.ProcessId);
        output.WriteLine($"processor time of the start: {worked.TotalMilliseconds:F0} ms; by its own clock: {UpAfter().Match(gateway.Log).Value}");
        Assert.InRange(worked, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(2));
        long resident = PosixProcess.ResidentBytes(gateway.ProcessId);
        output.WriteLine($"resident: {resident / 1024 / 1024} MB");
        Assert.InRange(resident, 1, 100L * 1024 * 1024);
    }

    [Fact]
    public async Task The_healthcheck_command_says_whether_the_server_lives()
    {
        int port = FreePort.Next();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Http:Listen=127.0.0.1:{port}");
        string[] command = [RepositoryPaths.ServerAssembly, "healthcheck", $"--FastGate:Http:Listen=127.0.0.1:{port}"];
        Assert.True(ExternalProgram.Succeeds(GatewayProcess.DotnetHost, command));
        await gateway.TerminateAsync();
        Assert.False(ExternalProgram.Succeeds(GatewayProcess.DotnetHost, command));
    }

    [Fact]
    public async Task The_healthcheck_finds_a_server_whatever_its_arguments_and_whatever_became_of_its_files()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-health-").FullName;
        string[] command = [RepositoryPaths.ServerAssembly, "healthcheck"];
        try
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([], directory);
            await File.WriteAllTextAsync(Path.Combine(directory, "appsettings.json"), """{"FastGate":{"Http":{"Listen":"nowhere"}}}""");
            await ExternalProgram.RunAsync(GatewayProcess.DotnetHost, command, directory);

            await gateway.KillAsync();
            await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => ExternalProgram.RunAsync(GatewayProcess.DotnetHost, command, directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("config.yaml", "manager-api:\n  secret: of-the-folder\n")]
    [InlineData("appsettings.json", """{"FastGate":{"Management":{"Secret":"of-the-folder"}}}""")]
    public async Task A_folder_that_the_environment_names_may_hold_configuration(string? name, string? content)
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-folder-").FullName;
        try
        {
            string folder = Path.Combine(directory, "config");
            if (name is not null)
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, name), content);
            }

            await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
                GatewayProcess.Launch([], directory, shell: "export FASTGATE_CONFIG_FOLDER=config"));
            await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
            await console.SendAsync("""{"type":"server","action":"update_config","content":{"secret":"of-the-folder"}}""");

            Assert.Equal(name is null ? "error" : "success", (string?)(await console.ReceiveAsync())["status"]);
            Assert.Equal(name == "config.yaml" ? 0 : 1, gateway.Log.Split("No config.yaml in").Length - 1);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_configuration_that_is_named_must_be_there()
    {
        await using var gateway = GatewayProcess.Launch(["--FastGate:Config=config/config.yaml"], shell: "export FASTGATE_CONFIG_FOLDER=config");
        Assert.NotEqual(0, await gateway.WaitForExitAsync());
        Assert.Contains("FastGate:Config", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Echo_mode_echoes_every_data_message()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:Echo=true");
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "echo");
        await device.SendAsync(ClientFrame.Text("no json, 回声"));
        await device.SendAsync(ClientFrame.Build(RawFrame.Binary, [0, 1, 2, 255]));
        await device.SendAsync(ClientFrame.Text(""));
        Assert.Equal("no json, 回声", (await device.ReadFrameAsync())?.PayloadText);
        Assert.Equal([0, 1, 2, 255], (await device.ReadFrameAsync())!.Payload);
        Assert.Empty((await device.ReadFrameAsync())!.Payload);
    }

    [GeneratedRegex(@"up after \d+ ms")]
    private static partial Regex UpAfter();
}
