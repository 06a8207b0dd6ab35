using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Usage errors, help and the version, of the program itself.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("serve", "Unknown command \"serve\"")]
    [InlineData("healthchek", "Did you mean \"healthcheck\"?")]
    [InlineData("--port 9000", "Did you mean --FastGate:Devices:Listen?")]
    [InlineData("--FastGate:Devices:Lisen=127.0.0.1:0", "Did you mean --FastGate:Devices:Listen?")]
    [InlineData("healthcheck --port 9000", "Did you mean --FastGate:Devices:Listen?")]
    [InlineData("devices show", "Required argument 'device' missing")]
    [InlineData("devices lst", "The commands are list, show, kick, send, trace.")]
    public async Task Usage_error_goes_to_standard_error_and_exits_with_2(string line, string error)
    {
        (int status, string output, string errors) = await RunAsync(line);
        Assert.Equal(2, status);
        Assert.Contains(error, errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Theory]
    [InlineData("--help", "healthcheck")]
    [InlineData("-h", "healthcheck")]
    [InlineData("help", "--FastGate:Devices:Listen=0.0.0.0:8000")]
    [InlineData("--version", ".")]
    [InlineData("help devices kick", "FastGate devices kick --firmware")]
    [InlineData("devices kick --help", "FastGate devices kick --firmware")]
    [InlineData("devices show --help", "FastGate devices show aa:bb:cc:dd:ee:ff")]
    [InlineData("[suggest:15] FastGate_devic", "devices")]
    [InlineData("config doc Admin:Token", "Bearer token")]
    public async Task Help_and_version_go_to_standard_output_and_exit_with_0(string line, string text)
    {
        (int status, string output, string errors) = await RunAsync(line);
        Assert.Equal(0, status);
        Assert.Contains(text, output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Value_in_the_next_argument_is_read()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--Logging:Console:Format", "json", "--FastGate:Memory:Provider", "none");

        string line = gateway.Log.Split('\n')[0];
        Assert.EndsWith("+00:00", (string?)JsonNode.Parse(line)!["Timestamp"], StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(gateway.DatabasePath)));
    }

    [Fact]
    public async Task Start_loads_nothing_that_only_commands_need()
    {
        if (RepositoryPaths.IsNativeServer)
        {
            // One program: everything is in its file, and pages that are not executed are not read.
            return;
        }

        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        string maps = await File.ReadAllTextAsync($"/proc/{gateway.ProcessId}/maps");
        Assert.DoesNotContain("Spectre.Console", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("System.CommandLine.dll", maps, StringComparison.Ordinal);

        // The test can fail: the same look finds what a start loads.
        Assert.Contains("/FastGate.Transport.dll", maps, StringComparison.Ordinal);
    }

    private static Task<ServerCommand> RunAsync(string line) => ServerCommand.RunAsync(Path.GetTempPath(), [.. line.Split(' ').Select(static word => word.Replace('_', ' '))]);
}
