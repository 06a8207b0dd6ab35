using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Diagnostics;
using FastGate.Registry;
using FastGate.Testing.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>The requests of a node on an engine inside the process, which delivers messages at once.</summary>
internal sealed class RequestNode
{
    private readonly ClusterMessages _messages;
    private readonly ConnectionRegistry<FakeClaimedConnection> _registry = new(100, replace: true);

    public RequestNode(string name, Dictionary<string, RequestNode> nodes, ClusterSettings settings, IMeterFactory meters, TimeProvider time)
    {
        Name = name;
        nodes.Add(name, this);
        Link = new EngineLink(3, time, Log);
        Link.Up(new NodeIdentity(name, 1), Link.Downs);
        _messages = new ClusterMessages(Engine, Log);
        Engine.Publish = (node, message) =>
        {
            if (!nodes.TryGetValue(node, out RequestNode? other))
            {
                return 0;
            }

            other.Receive(message);
            return 1;
        };
        Requests = new NodeRequests(
            _messages, Engine, new ClaimedConnections<FakeClaimedConnection>(_registry), Link, () => NowMs, settings, new ClusterMetrics(meters), Log, time)
        {
            Run = act =>
            {
                Ran.Add(act.Operation);
                return Task.FromResult(new NodeAnswer(200, "application/json", $"\"{name}\""));
            },
            Own = () => name,
        };
    }

    public string Name { get; }

    public FakeClusterEngine Engine { get; } = new();

    public EngineLink Link { get; }

    public NodeRequests Requests { get; }

    public RecordingLogger<RequestNode> Log { get; } = new();

    /// <summary>The engine's clock as this node knows it.</summary>
    public long NowMs { get; set; } = 1_000_000;

    /// <summary>The operations that were run here.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Messages to this node are kept here instead of being handled, when there is a list.</summary>
    public List<string>? Held { get; set; }

    public void Connect(string deviceId, long epoch)
    {
        var connection = new FakeClaimedConnection(deviceId, 0);
        connection.Claim.Epoch = epoch;
        _registry.Register(connection, out _);
    }

    public void Receive(string message)
    {
        if (Held is { } held)
        {
            held.Add(message);
        }
        else
        {
            _messages.Receive(message);
        }
    }
}
