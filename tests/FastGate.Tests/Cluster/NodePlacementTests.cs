using System.Text.Json;
using FastGate.Cluster;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Cluster;

/// <summary>OTA's question, with an engine that the test answers for.</summary>
public sealed class NodePlacementTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Dictionary<string, DeviceEntry> _devices = [];
    private readonly EngineLink _link;
    private readonly NodePlacement _placement;
    private Func<Task<IReadOnlyList<NodeEntry>>> _answer = static () => throw new InvalidOperationException();
    private int _reads;

    public NodePlacementTests()
    {
        _link = new EngineLink(3, _time, new RecordingLogger<EngineLink>());
        _placement = new NodePlacement(() => _answer(), device => Task.FromResult(_devices.GetValueOrDefault(device)), _link, _time);
        _link.Up(new NodeIdentity("a", 1), _link.Downs);
    }

    [Fact]
    public async Task Only_living_nodes_with_an_address_are_named()
    {
        Answer(Node("a", 90), Node("b", 0, url: null), new NodeEntry("c", TimeSpan.FromMinutes(5), null), new NodeEntry("d", TimeSpan.Zero, "{}"), Node("e", 10));
        Assert.Equal("ws://e.example/", await AskAsync("device"));
    }

    [Fact]
    public async Task A_device_stays_where_it_is_connected()
    {
        Answer(Node("a", 10), Node("b", 12), Node("c", 14));
        foreach (string node in (string[])["a", "b", "c"])
        {
            _devices["device"] = new DeviceEntry(node, 1);
            Assert.Equal($"ws://{node}.example/", await AskAsync("device"));
        }

        // What this node knows itself is newer than what the engine knows.
        Assert.Equal("ws://a.example/", await AskAsync("device", isHere: true));
    }

    [Fact]
    public async Task The_nodes_are_read_once_a_second_for_all_devices()
    {
        Answer(Node("a", 0), Node("b", 0));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => AskAsync($"device-{number}")));
        Assert.Equal(1, _reads);

        _time.Turn(TimeSpan.FromSeconds(0.9));
        await AskAsync("device");
        Assert.Equal(1, _reads);

        _time.Turn(TimeSpan.FromSeconds(0.2));
        Answer(Node("a", 90), Node("b", 0));
        Assert.Equal("ws://b.example/", await AskAsync("device"));
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_storm_does_not_go_to_the_node_that_had_the_least_load_a_moment_ago()
    {
        Answer(Node("a", 50), Node("b", 0));
        List<string?> answers = [];
        for (int device = 0; device < 100; device++)
        {
            answers.Add(await AskAsync($"device-{device}"));
        }

        Assert.InRange(answers.Count(static url => url == "ws://b.example/"), 50, 85);
    }

    [Fact]
    public async Task Without_an_answer_of_the_engine_no_node_is_named_and_three_failures_end_the_asking()
    {
        int failures = 0;
        _answer = () =>
        {
            failures++;
            return Task.FromException<IReadOnlyList<NodeEntry>>(new ClusterEngineException("no answer"));
        };
        for (int request = 0; request < 3; request++)
        {
            Assert.True(_link.IsUp);
            Assert.Null(await AskAsync("device"));
        }

        Assert.False(_link.IsUp);
        Assert.Null(await AskAsync("device"));
        Assert.Equal(3, failures);
    }

    [Fact]
    public async Task Devices_that_wait_for_one_answer_count_as_one_failure()
    {
        var answer = new TaskCompletionSource<IReadOnlyList<NodeEntry>>();
        _answer = () => answer.Task;
        Task<string?>[] waiting = [.. Enumerable.Range(0, 50).Select(number => AskAsync($"device-{number}"))];
        answer.SetException(new ClusterEngineException("no answer"));
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
        Assert.True(_link.IsUp);
    }

    private Task<string?> AskAsync(string device, bool isHere = false) => _placement.UrlForAsync(device, [], isHere).WaitAsync(Until.Hang);

    private void Answer(params NodeEntry[] nodes) => _answer = () =>
    {
        Interlocked.Increment(ref _reads);
        return Task.FromResult<IReadOnlyList<NodeEntry>>(nodes);
    };

    private static NodeEntry Node(string name, int devices, string? url = "") => new(name, TimeSpan.FromSeconds(1), JsonSerializer.Serialize(
        TestNode.Load with { Devices = devices, DeviceLimit = 100, Url = url is null ? null : $"ws://{name}.example/" }, ClusterJson.Default.NodeLoad));
}
