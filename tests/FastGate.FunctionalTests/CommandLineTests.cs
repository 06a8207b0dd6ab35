using System.Diagnostics;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
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

    private static Task<(int Status, string Output, string Errors)> RunAsync(string line)
    {
        string[] command = [.. RepositoryPaths.ServerCommand(), .. line.Split(' ')];
        Process process = ExternalProgram.Start(command[0], command.Skip(1), Path.GetTempPath());
        return FinishAsync(process);
    }

    private static async Task<(int Status, string Output, string Errors)> FinishAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            try
            {
                await process.WaitForExitAsync().WaitAsync(Deadline.Program);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            return (process.ExitCode, await output, await errors);
        }
    }
}
