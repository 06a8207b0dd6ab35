using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;

namespace FastGate.LoadTest.Tests.Restarts;

public class RestartedServerTests
{
    /// <summary>In a process of its own, because the driver moves its whole process to other processors than the server's.</summary>
    [Fact]
    public async Task Devices_do_not_notice_two_restarts_of_the_server()
    {
        string file = Path.GetTempFileName();
        try
        {
            // Timing never decides a test: the gap is judged by recorded runs.
            string line = $"restart --restart api --devices 300 --ramp 600 --pinging 60 --turning 20 --arrivals 10 --restarts 2 --every 11s --watch 5s --turn-wait 2s --start-server --max-gap-ms 60000 --max-growth-percent 100 --json {file}";
            string printed = await ExternalProgram.RunAsync(RepositoryPaths.DotnetHost, [typeof(ScenarioRunner).Assembly.Location, .. line.Split(' ')]);
            JsonNode restart = JsonNode.Parse(await File.ReadAllTextAsync(file))!["restart"]!;
            Assert.Equal(2, restart["rounds"]!.AsArray().Count);
            Assert.Equal((300, 600), ((int)restart["connected"]!, (int)restart["hellos"]!));
            Assert.True((int)restart["turnsFinished"]! > 0, printed);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
