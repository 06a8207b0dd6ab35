using System.Diagnostics;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;

namespace FastGate.LoadTest.Tests;

/// <summary>Ctrl+C as a signal to the process.</summary>
public class InterruptionTests
{
    [Fact]
    public async Task Ctrl_c_ends_a_late_run_with_a_report_and_stops_the_server()
    {
        PosixProcess.RestoreSigInt();
        string file = Path.GetTempFileName();
        string[] line =
        [
            typeof(ScenarioRunner).Assembly.Location, "ping", "--start-server", "--warm-up", "0s", "--devices", "200", "--rate", "10000000", "--duration", "60s", "--json", file,
        ];
        using Process driver = new() { StartInfo = new(RepositoryPaths.DotnetHost, line) { RedirectStandardOutput = true } };
        driver.Start();
        try
        {
            while (await driver.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Program) is { } text && !text.Contains(" s load ", StringComparison.Ordinal))
            {
            }

            PosixProcess.Signal(driver.Id, PosixProcess.SigInt);
            string rest = await driver.StandardOutput.ReadToEndAsync().WaitAsync(Deadline.Program);
            await driver.WaitForExitAsync().WaitAsync(Deadline.Hang);
            Assert.Contains("INTERRUPTED", rest, StringComparison.Ordinal);
            Assert.Equal(ScenarioRunner.Passed, driver.ExitCode);
            JsonNode run = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
            Assert.True((bool)run["interrupted"]!);
            Assert.False(Directory.Exists($"/proc/{run["server"]!["processId"]}"));
        }
        finally
        {
            driver.Kill(entireProcessTree: true);
            File.Delete(file);
        }
    }
}
