using FastGate.Cluster;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Testing.Cluster;
using FastGate.Tests.Commands;

namespace FastGate.Tests.Cluster;

/// <summary>Commands in the Redis of a cluster. Each process is another node.</summary>
internal sealed class RedisSite : ICommandSite
{
    private readonly List<CommandNode> _nodes = [];
    private readonly RedisEngine _engine;
    private long _turnedMs;

    public RedisSite(RedisServer redis) => _engine = new RedisEngine(redis.Options, Prefix, new ClusterSettings());

    /// <summary>Of the keys.</summary>
    public string Prefix { get; } = $"t{Guid.NewGuid():N}";

    public IDeviceCommands Commands => _nodes[^1].Commands;

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
