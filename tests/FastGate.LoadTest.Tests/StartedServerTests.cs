using System.Diagnostics;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Servers;

namespace FastGate.LoadTest.Tests;

public class StartedServerTests
{
    [Fact]
    public async Task One_command_starts_loads_samples_and_stops_the_server()
    {
        string file = Path.GetTempFileName();
        try
        {
            // In a process of its own, because the driver moves its whole process to other processors than the server's.
            string line = $"ping --start-server --server-option FastGate:Devices:EventLoops=1 --warm-up 200ms --devices 5 --rate 50 --duration 500ms --settle 20s --max-lost 0 --max-server-mb 4000 --json {file}";
            string printed = await ExternalProgram.RunAsync(RepositoryPaths.DotnetHost, [typeof(ScenarioRunner).Assembly.Location, .. line.Split(' ')]);
            Assert.Equal(Environment.ProcessorCount > 1, printed.Contains("server on processor ", StringComparison.Ordinal));
            JsonNode run = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
            Assert.Equal((5, 25), ((int)run["load"]!["ready"]!, (int)run["load"]!["operations"]!));
            Assert.InRange((double)run["server"]!["residentMbAfter"]!, 1, 4000);
            Assert.Null(ProcessSample.Take((int)run["server"]!["processId"]!));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Server_uses_its_processors_and_its_folder_is_deleted()
    {
        string folder;
        using (var server = StartedServer.Start([], [0], CancellationToken.None))
        {
            folder = server.WorkingDirectory;
            Assert.Equal(1, AllowedProcessors.CountOf(server.ProcessId));
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Missing_build_is_reported_with_the_build_command()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-load-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "FastGate.sln"), "");
            string own = Path.Combine(folder, "perf", "FastGate.LoadTest", "bin", "Release", "net10.0");
            LoadFailedException missing = Assert.Throws<LoadFailedException>(() => StartedServer.FindAssembly(own));
            Assert.Contains("dotnet build -c Release src/FastGate", missing.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Failed_start_is_reported_with_the_reason()
    {
        LoadFailedException failed = Assert.Throws<LoadFailedException>(() => StartedServer.Start(["FastGate:Devices:Listen=nowhere"], null, CancellationToken.None));
        Assert.Contains("nowhere", failed.Message, StringComparison.Ordinal);
    }

    // Either of the two output pipes may end first.
    [Theory]
    [InlineData("exec 1>&-; sleep 0.2; echo the reason >&2")]
    [InlineData("exec 2>&-; sleep 0.2; echo the reason")]
    public void Reason_is_reported_whichever_output_ends_first(string script)
    {
        using Process server = new() { StartInfo = new("sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        LoadFailedException failed = Assert.Throws<LoadFailedException>(() => ServerStart.ReadPorts(server, () => server.Start(), static _ => { }, CancellationToken.None));
        Assert.Contains("the reason", failed.Message, StringComparison.Ordinal);
    }
}
