using FastGate.Cluster;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Testing.Cluster;
using FastGate.Tests.Commands;

namespace FastGate.Tests.Cluster;

/// <summary>Commands in the Redis of a cluster. Each process is another node.</summary>
internal sealed class RedisSite(RedisServer redis) : ICommandSite
{
    private readonly RedisEngine _engine = new(redis.Options, $"t{Guid.NewGuid():N}", new ClusterSettings());
    private readonly List<CommandNode> _nodes = [];
    private long _turnedMs;

    public IDeviceCommands Commands => _nodes[^1].Commands;

    public IReadOnlyList<CommandNode> Nodes => _nodes;

    public RedisEngine Engine => _engine;

    public Task StartAsync(CommandOptions options) => AddAsync(options);

    public async Task<CommandNode> AddAsync(CommandOptions? options = null)
    {
        await _engine.ConnectAsync();
        CommandNode node = await CommandNode.StartAsync($"n{_nodes.Count}", _engine, options ?? new CommandOptions(), NowMs);
        _nodes.Add(node);
        return node;
    }

    public Task KillAsync() => _nodes[^1].KillAsync();

    public Task<FakeCommandDevice> ConnectAsync(string deviceId, CommandReadiness tools) => _nodes[^1].ConnectAsync(deviceId, tools);

    public void Turn(TimeSpan by) => Interlocked.Add(ref _turnedMs, (long)by.TotalMilliseconds);

    public async ValueTask DisposeAsync()
    {
        foreach (CommandNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _engine.DisposeAsync();
    }

    private long NowMs() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + Volatile.Read(ref _turnedMs);
}
