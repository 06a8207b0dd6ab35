namespace FastGate.Tests.CommandLine;

/// <summary>The commands about nodes of a cluster.</summary>
public sealed class NodeCommandTests : IDisposable
{
    private readonly FakeAdminServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Nodes_are_listed_also_those_without_a_lease()
    {
        _server.On("GET /api/v1/nodes", $$"""{"node":"a","nodes":[{{Node("a", 7, draining: false)}},{"name":"gone","alive":false,"leaseAgeSeconds":700}]}""");
        string[] lines = (await RunAsync("nodes")).Output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches("^NODE +ALIVE +LEASE AGE +DRAINING +DEVICES +LIMIT", lines[0]);
        Assert.Matches(@"^a +yes +1 s +no +7 +100 +0 +0\.5, 0\.25$", lines[1]);
        Assert.Matches("^gone +no +11 min 40 s$", lines[2]);
    }

    [Fact]
    public async Task Drain_of_a_node_waits_until_no_device_is_left()
    {
        int reads = 0;
        _server.On("POST /api/v1/nodes/b/drain", Node("b", 2, draining: true), 202);
        _server.On("GET /api/v1/nodes", _ => new FakeAdminAnswer(200, $$"""{"nodes":[{{Node("a", 5, draining: false)}},{{Node("b", ++reads == 1 ? 1 : 0, draining: true)}}]}"""));
        CommandOutcome outcome = await RunAsync("drain", "start", "--node", "b", "--wait", "--yes");
        Assert.Equal((0, "b: no device is left\n", "1 devices remaining\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task Drain_of_a_node_that_ends_early_is_no_success(bool? draining)
    {
        _server.On("POST /api/v1/nodes/b/drain", Node("b", 2, draining: true), 202);
        _server.On("GET /api/v1/nodes", $$"""{"nodes":[{{(draining is null ? """{"name":"b","alive":false}""" : Node("b", 0, draining.Value))}}]}""");
        CommandOutcome outcome = await RunAsync("drain", "start", "--node", "b", "--wait", "--yes");
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("The drain has ended before the devices have left", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_of_all_nodes_are_listed_with_their_nodes_and_each_problem_once()
    {
        const string Problems = """["node c is not reached"]""";
        _server.On("GET /api/v1/devices?tag=hall&cluster=true&limit=500", $$"""{"total":2,"devices":[{"deviceId":"d1","node":"b"}],"next":"d1","problems":{{Problems}}}""");
        _server.On("GET /api/v1/devices?tag=hall&cluster=true&limit=500&after=d1", $$"""{"total":2,"devices":[{"deviceId":"d2","node":"a"}],"problems":{{Problems}}}""");
        CommandOutcome outcome = await RunAsync("devices", "list", "--cluster", "--tag", "hall");
        string[] lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal((0, "node c is not reached\n", 3), (outcome.ExitCode, outcome.Error, lines.Length));
        Assert.EndsWith("TAGS  NODE", lines[0], StringComparison.Ordinal);
        Assert.Matches("^d1 +b$", lines[1]);
        Assert.Matches("^d2 +a$", lines[2]);
    }

    private static string Node(string name, int devices, bool draining) => $$"""
        {"name":"{{name}}","alive":true,"leaseAgeSeconds":1,"load":{"draining":{{(draining ? "true" : "false")}},"devices":{{devices}},"deviceLimit":100,"turnsInProgress":0,"loops":[0.5,0.25]} }
        """;

    private Task<CommandOutcome> RunAsync(params string[] words) => CommandOutcome.RunAsync([.. words, "--server", _server.Address]);
}
