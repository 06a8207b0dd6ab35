using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.Cluster;
using FastGate.Http.Admin;
using FastGate.Testing.Conversation;
using FastGate.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Http;

/// <summary>What the API of one node shows of the other one, and the drain of either. A third node is in the list and does not answer.</summary>
[Collection(nameof(Diagnostics.MetricsTextTests))]
public sealed class NodeViewTests : IAsyncLifetime
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Dictionary<string, RequestNode> _nodes = [];
    private readonly RequestNode _a;
    private readonly RequestNode _b;
    private readonly FakeNodeList _drainOfA = new("a");
    private readonly FakeNodeList _drainOfB = new("b");
    private HttpTestServer _serverOfA = null!;
    private HttpTestServer _serverOfB = null!;

    public NodeViewTests()
    {
        _a = Node("a");
        _b = Node("b");
        _a.Engine.Nodes = [new NodeEntry("a", TimeSpan.Zero, "{}"), new NodeEntry("b", TimeSpan.Zero, "{}"), new NodeEntry("gone", TimeSpan.Zero, null)];
    }

    public async Task InitializeAsync() => (_serverOfA, _serverOfB) = (await StartAsync(_a, _drainOfA), await StartAsync(_b, _drainOfB));

    public async Task DisposeAsync()
    {
        await _serverOfA.DisposeAsync();
        await _serverOfB.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task Each_device_is_on_one_page_while_devices_change_their_node(int limit)
    {
        var random = new Random(limit);
        string[] ids = [.. Enumerable.Range(0, 100).Select(static number => $"d{number:00}")];
        foreach (string id in ids)
        {
            IdsOf(random.Next(2)).Add(id);
        }

        List<(string Id, string Node)> seen = [];
        string? after = null;
        do
        {
            (HttpStatusCode status, JsonNode page) = await GetAsync($"/api/v1/devices?cluster=true&limit={limit}&after={after}");
            Assert.Equal((HttpStatusCode.OK, 100), (status, (int)page["total"]!));
            (string Id, string Node)[] devices = [.. page["devices"]!.AsArray().Select(static device => ((string)device!["deviceId"]!, (string)device["node"]!))];
            Assert.All(devices, device => Assert.Contains(device.Id, device.Node == "a" ? _serverOfA.Gateway.Ids : _serverOfB.Gateway.Ids));
            Assert.InRange(devices.Length, 1, limit);
            seen.AddRange(devices);
            after = (string?)page["next"];
            for (int move = 0; move < 10; move++)
            {
                int from = random.Next(2);
                string moved = ids[random.Next(ids.Length)];
                if (IdsOf(from).Remove(moved))
                {
                    IdsOf(1 - from).Add(moved);
                }
            }
        }
        while (after is not null);

        Assert.Equal(ids, seen.Select(static device => device.Id));
        Assert.Equal(2, seen.Select(static device => device.Node).Distinct().Count());
    }

    [Fact]
    public async Task Page_has_the_devices_of_the_node_that_is_asked_unless_all_are_wanted()
    {
        IdsOf(0).Add("here");
        IdsOf(1).Add("there");
        Assert.Equal(["here"], await ListAsync("/api/v1/devices"));
        Assert.Equal(["here"], await ListAsync("/api/v1/devices?cluster=false"));
        Assert.Equal(["there"], await ListAsync("/api/v1/devices?cluster=true&prefix=th"));
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/api/v1/devices?cluster=all")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/api/v1/devices?cluster=true&minAge=x")).Status);
    }

    [Fact]
    public async Task Page_of_all_nodes_names_those_that_have_not_answered()
    {
        IdsOf(0).Add("here");
        _a.Engine.Nodes = [.. _a.Engine.Nodes, new NodeEntry("deaf", TimeSpan.Zero, "{}")];
        JsonNode page = (await GetAsync("/api/v1/devices?cluster=true")).Body;
        Assert.StartsWith("node deaf is not reached", (string?)Assert.Single(page["problems"]!.AsArray()), StringComparison.Ordinal);
        Assert.Single(page["devices"]!.AsArray());

        _a.Link.Down("away");
        page = (await GetAsync("/api/v1/devices?cluster=true")).Body;
        Assert.StartsWith("the other nodes are not reached (away)", (string?)Assert.Single(page["problems"]!.AsArray()), StringComparison.Ordinal);
        Assert.Single(page["devices"]!.AsArray());
    }

    [Fact]
    public async Task Page_of_a_device_is_that_of_the_node_that_has_it_or_knows_it()
    {
        IdsOf(0).AddRange(["here", "moved"]);
        IdsOf(1).AddRange(["moved", "known"]);
        _a.Connect("here", 3);
        _b.Connect("moved", 7);
        _a.Engine.Find = static device => device switch
        {
            "moved" => new DeviceEntry("b", 7),
            "lost" or "here" => new DeviceEntry("deaf", 7),
            _ => null,
        };
        Assert.Equal("a", (string?)(await GetAsync("/api/v1/devices/here")).Body["node"]);
        Assert.Equal("b", (string?)(await GetAsync("/api/v1/devices/moved")).Body["node"]);
        Assert.Equal("b", (string?)(await GetAsync("/api/v1/devices/known")).Body["node"]);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/api/v1/devices/unknown")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("/api/v1/devices/lost")).Status);

        // Without the engine this node says what it knows.
        _a.Link.Down("away");
        Assert.Equal("a", (string?)(await GetAsync("/api/v1/devices/moved")).Body["node"]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("/api/v1/devices/known")).Status);
    }

    [Fact]
    public async Task Node_of_the_path_is_drained_and_takes_devices_again()
    {
        (HttpStatusCode status, JsonNode? drained) = await ActAsync(HttpMethod.Post, "b", """{"rate":50,"reboot":false}""");
        Assert.Equal((HttpStatusCode.Accepted, "b", true), (status, (string?)drained!["name"], (bool)drained["load"]!["draining"]!));
        Assert.Equal(((50, false), null), (_drainOfB.Drains, _drainOfA.Drains));
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(HttpMethod.Delete, "b")).Status);
        Assert.Null(_drainOfB.Drains);
        Assert.All([_serverOfA, _serverOfB], static server => Assert.Equal(
            ["node.drain.cancel b", "node.drain b"], server.Audit!.Page(null, 10).Acts.Select(static act => $"{act.Act} {act.Target}")));

        await ActAsync(HttpMethod.Post, "a", "{}");
        Assert.Null(_drainOfB.Drains);
        Assert.NotNull(_drainOfA.Drains);
    }

    [Fact]
    public async Task Drain_that_is_not_begun_says_why()
    {
        _drainOfB.Refusal = "a drain of tag=hall is running; cancel it first";
        (HttpStatusCode status, JsonNode? problem) = await ActAsync(HttpMethod.Post, "b", "{}");
        Assert.Equal((HttpStatusCode.Conflict, _drainOfB.Refusal), (status, (string?)problem!["detail"]));
        Assert.Equal(HttpStatusCode.BadRequest, (await ActAsync(HttpMethod.Post, "b", """{"rate":0}""")).Status);
        (status, problem) = await ActAsync(HttpMethod.Post, "other", "{}");
        Assert.Equal((HttpStatusCode.NotFound, "no process answers for a node other"), (status, (string?)problem!["detail"]));

        // Without the engine the node itself can be drained.
        _a.Link.Down("away");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ActAsync(HttpMethod.Post, "b", "{}")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await ActAsync(HttpMethod.Post, "a", "{}")).Status);
    }

    private List<string> IdsOf(int server) => (server == 0 ? _serverOfA : _serverOfB).Gateway.Ids;

    private async Task<IEnumerable<string?>> ListAsync(string path) =>
        (await GetAsync(path)).Body["devices"]!.AsArray().Select(static device => (string?)device!["deviceId"]);

    private async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _serverOfA.Admin.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> ActAsync(HttpMethod method, string node, string? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/nodes/{node}/drain") { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using HttpResponseMessage answer = await _serverOfA.Admin.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private static Task<HttpTestServer> StartAsync(RequestNode node, INodeList list) => new HttpTestServer
    {
        Requests = node.Requests,
        MapAdmin = routes => new NodeEndpoints(list).Map(routes),
    }.StartAsync();

    private RequestNode Node(string name) =>
        new(name, _nodes, new ClusterSettings { LookUpAgain = TimeSpan.Zero }, _services.GetRequiredService<IMeterFactory>(), new ManualTimeProvider());
}
