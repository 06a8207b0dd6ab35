using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using FastGate.Cluster;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Tests.Commands;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Cluster;

/// <summary>A node of a cluster whose devices only take commands.</summary>
internal sealed class CommandNode : ICommandDevices, IAsyncDisposable
{
    private readonly RedisEngine _engine;
    private readonly Func<long> _nowMs;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private bool _isKilled;

    private CommandNode(string name, RedisEngine engine, CommandOptions options, Func<long> nowMs)
    {
        (Name, _engine, _nowMs) = (name, engine, nowMs);
        Link = new EngineLink(3, TimeProvider.System, NullLogger.Instance);
        Engine = new FaultyCommandEngine(engine.Commands);
        Messages = new ClusterMessages(engine, NullLogger.Instance);
        var metrics = new CommandMetrics(_services.GetRequiredService<IMeterFactory>());
        Local = new DeviceCommands(new CommandStore(null, static () => 0), this, options, metrics, NullLogger<DeviceCommands>.Instance, TimeProvider.System);
        Commands = new ClusterCommands(Engine, Link, Messages, Local, this, options, metrics, nowMs, NullLogger.Instance, TimeProvider.System);
    }

    public string Name { get; }

    public EngineLink Link { get; }

    public FaultyCommandEngine Engine { get; }

    public ClusterMessages Messages { get; }

    public DeviceCommands Local { get; }

    public ClusterCommands Commands { get; }

    public NodeIdentity Node { get; private set; } = new("", 0);

    public ConcurrentDictionary<string, FakeCommandDevice> Devices { get; } = new();

    public static async Task<CommandNode> StartAsync(string name, RedisEngine engine, CommandOptions options, Func<long> nowMs)
    {
        var node = new CommandNode(name, engine, options, nowMs);
        await engine.SubscribeAsync(name, node.Messages.Receive);
        LeaseAnswer lease = await engine.RenewAsync(new NodeIdentity(name, 0), "{}");
        node.Node = new NodeIdentity(name, lease.Incarnation);
        node.Link.Up(node.Node, node.Link.Downs);
        node.Commands.Start();
        return node;
    }

    public ICommandDevice? Find(string deviceId) => Devices.GetValueOrDefault(deviceId);

    /// <summary>Connects a device, claims it and reports its hello.</summary>
    public async Task<FakeCommandDevice> ConnectAsync(string deviceId, CommandReadiness tools = CommandReadiness.Ready)
    {
        FakeCommandDevice device = Devices[deviceId] = new FakeCommandDevice { ToolReadiness = tools };
        await ClaimAsync(deviceId);
        Commands.OnReady(deviceId);
        return device;
    }

    public Task ClaimAsync(string deviceId) => _engine.ClaimAsync(Node, [new ClaimRequest(deviceId, 0, _nowMs())]);

    public async Task<long> AcceptedAsync(string deviceId, string payload, string? tool = "self.do", string? key = null, TimeSpan? timeout = null)
    {
        CommandAnswer answer = await Commands.SubmitAsync(new NewCommand(deviceId, tool, Encoding.UTF8.GetBytes(payload), timeout ?? TimeSpan.FromSeconds(10), null, key));
        Assert.Equal(CommandRefusal.None, answer.Refusal);
        return answer.Command!.Id;
    }

    /// <summary>Ends the process without a word; its lease expires.</summary>
    public async Task KillAsync()
    {
        if (!_isKilled)
        {
            _isKilled = true;
            Commands.Dispose();
            await _engine.LeaveAsync(Node);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _services.DisposeAsync();
    }
}
