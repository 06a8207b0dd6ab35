using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Cluster;

/// <summary>Which node runs an act, and what the asking node knows when none does.</summary>
public sealed class NodeRequestTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly NodeAct s_act = new()
    {
        Operation = "device.kick",
        Method = "POST",
        Path = "/api/v1/devices/lamp/kick",
        Query = "",
        Route = new Dictionary<string, string> { ["id"] = "lamp" },
        Body = "",
        RequestId = "id",
        Caller = "127.0.0.1",
    };

    private static readonly ClusterSettings s_settings = new() { LookUpAgain = TimeSpan.Zero, MostRequests = 2 };

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();
    private readonly Dictionary<string, RequestNode> _nodes = [];
    private readonly RequestNode _a;
    private readonly RequestNode _b;
    private readonly RequestNode _c;

    public NodeRequestTests()
    {
        _a = Node("a");
        _b = Node("b");
        _c = Node("c");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task An_act_on_a_device_is_run_by_the_node_that_holds_it()
    {
        _b.Connect("lamp", 7);
        _a.Engine.Find = static _ => new DeviceEntry("b", 7);

        NodeResult result = await AskAsync();

        Assert.Equal((NodeOutcome.Answered, "b", 200, "\"b\""), (result.Outcome, result.Node, result.Answer!.Status, result.Answer.Body));
        Assert.Equal(["device.kick"], _b.Ran);
        Assert.Empty(_a.Ran);
    }

    [Fact]
    public async Task A_device_that_has_moved_is_looked_up_again()
    {
        _c.Connect("lamp", 8);
        Queue<DeviceEntry> entries = new([new DeviceEntry("b", 7), new DeviceEntry("c", 8)]);
        _a.Engine.Find = _ => entries.Dequeue();

        NodeResult result = await AskAsync();

        Assert.Equal((NodeOutcome.Answered, "c"), (result.Outcome, result.Node));
        Assert.Empty(_b.Ran);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(0)]
    public async Task Another_connection_of_the_device_does_not_get_the_act(long epoch)
    {
        int lookUps = 0;
        _b.Connect("lamp", epoch);
        _a.Engine.Find = _ =>
        {
            lookUps++;
            return new DeviceEntry("b", 7);
        };

        Assert.Equal(NodeOutcome.Moved, (await AskAsync()).Outcome);
        Assert.Equal(3, lookUps);
        Assert.Empty(_b.Ran);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task A_device_that_no_other_node_holds_is_not_elsewhere(string? node)
    {
        _a.Engine.Find = _ => node is null ? null : new DeviceEntry(node, 7);

        Assert.Equal(NodeOutcome.NotElsewhere, (await AskAsync()).Outcome);
    }

    [Fact]
    public async Task A_node_that_does_not_listen_is_known_at_once()
    {
        _a.Engine.Find = static _ => new DeviceEntry("dead", 7);

        Assert.Equal(new NodeResult(NodeOutcome.Unreachable, "dead"), await AskAsync());
    }

    [Fact]
    public async Task Without_the_engine_no_node_is_asked()
    {
        _a.Engine.Failure = new ClusterEngineException("hangs");
        NodeResult[] failed = [await AskAsync(), .. await _a.Requests.AskOthersAsync(s_act)];
        _a.Link.Down("away");
        NodeResult[] away = [await AskAsync(), .. await _a.Requests.AskOthersAsync(s_act)];

        Assert.Equal([new(NodeOutcome.Unavailable, Detail: "hangs"), new(NodeOutcome.Unavailable, Detail: "hangs")], failed);
        Assert.Equal([new(NodeOutcome.Unavailable, Detail: "away"), new(NodeOutcome.Unavailable, Detail: "away")], away);
    }

    [Fact]
    public async Task Without_a_reply_the_outcome_is_unknown_and_a_late_reply_is_ignored()
    {
        _b.Connect("lamp", 7);
        _a.Engine.Find = static _ => new DeviceEntry("b", 7);
        _a.Held = [];
        Task<NodeResult> asked = AskAsync();
        await Until.TrueAsync(() => _a.Held.Count == 1);
        _time.Turn(s_settings.RequestTimeout);

        Assert.Equal(new NodeResult(NodeOutcome.Unknown, "b"), await asked.WaitAsync(Until.Hang));
        Assert.Equal(0, _a.Requests.Waiting);
        string reply = _a.Held[0];
        _a.Held = null;
        _a.Receive(reply);
        Assert.Equal(["device.kick"], _b.Ran);
    }

    [Fact]
    public async Task A_request_that_comes_after_its_time_is_not_run()
    {
        _b.Connect("lamp", 7);
        _a.Engine.Find = static _ => new DeviceEntry("b", 7);
        _b.NowMs += (long)s_settings.RequestTimeout.TotalMilliseconds + 1;
        Task<NodeResult> asked = AskAsync();
        _time.Turn(s_settings.RequestTimeout);

        Assert.Equal(NodeOutcome.Unknown, (await asked.WaitAsync(Until.Hang)).Outcome);
        Assert.Empty(_b.Ran);
    }

    [Fact]
    public async Task Requests_beyond_the_bound_are_refused_by_the_node_that_asks()
    {
        _b.Held = [];
        _a.Engine.Find = static _ => new DeviceEntry("b", 7);
        Task<NodeResult>[] waiting = [AskAsync(), AskAsync()];

        Assert.Equal(new NodeResult(NodeOutcome.Busy, "b"), await AskAsync());
        _time.Turn(s_settings.RequestTimeout);
        Assert.All(await Task.WhenAll(waiting).WaitAsync(Until.Hang), static result => Assert.Equal(NodeOutcome.Unknown, result.Outcome));
        Assert.Equal(0, _a.Requests.Waiting);
    }

    [Fact]
    public async Task Requests_beyond_the_bound_are_refused_by_the_node_that_is_asked()
    {
        var ends = new TaskCompletionSource<NodeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        int running = 0;
        _b.Connect("lamp", 7);
        _b.Requests.Run = _ =>
        {
            Interlocked.Increment(ref running);
            return ends.Task;
        };
        _a.Engine.Find = _c.Engine.Find = static _ => new DeviceEntry("b", 7);
        Task<NodeResult>[] asked = [AskAsync(), AskAsync()];
        await Until.TrueAsync(() => Volatile.Read(ref running) == 2);

        Assert.Equal(new NodeResult(NodeOutcome.Busy, "b"), await _c.Requests.AskHolderAsync("lamp", s_act).WaitAsync(Until.Hang));
        ends.SetResult(new NodeAnswer(204, null, ""));
        Assert.All(await Task.WhenAll(asked).WaitAsync(Until.Hang), static result => Assert.Equal(204, result.Answer?.Status));
    }

    [Fact]
    public async Task An_act_that_throws_has_an_unknown_outcome()
    {
        _b.Connect("lamp", 7);
        _b.Requests.Run = static _ => throw new InvalidOperationException("a defect");
        _a.Engine.Find = static _ => new DeviceEntry("b", 7);
        Task<NodeResult> asked = AskAsync();
        await Until.TrueAsync(() => _b.Log.Count(7560) == 1);
        _time.Turn(s_settings.RequestTimeout);

        Assert.Equal(NodeOutcome.Unknown, (await asked.WaitAsync(Until.Hang)).Outcome);
    }

    [Fact]
    public async Task All_other_nodes_with_a_lease_are_asked_and_each_has_its_result()
    {
        _a.Engine.Nodes = [Entry("a", "{}"), Entry("b", "{}"), Entry("dead", "{}"), Entry("gone", null)];

        IReadOnlyList<NodeResult> results = await _a.Requests.AskOthersAsync(s_act);

        Assert.Equal(
            [("b", NodeOutcome.Answered), ("dead", NodeOutcome.Unreachable)], results.Select(static result => (result.Node, result.Outcome)));
        Assert.Equal((0, 1, 0), (_a.Ran.Count, _b.Ran.Count, _c.Ran.Count));
    }

    private static NodeEntry Entry(string name, string? load) => new(name, TimeSpan.Zero, load);

    private RequestNode Node(string name) => new(name, _nodes, s_settings, _services.GetRequiredService<IMeterFactory>(), _time);

    private Task<NodeResult> AskAsync() => _a.Requests.AskHolderAsync("lamp", s_act);
}
