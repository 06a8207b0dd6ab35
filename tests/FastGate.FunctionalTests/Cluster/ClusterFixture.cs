using FastGate.FunctionalTests.Server;
using FastGate.Testing.Cluster;

namespace FastGate.FunctionalTests.Cluster;

/// <summary>Two servers that share one Redis.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private GatewayProcess? _first;
    private GatewayProcess? _second;
    private RedisServer? _redis;

    public RedisServer Redis => _redis ?? throw new InvalidOperationException("redis-server is missing.");

    public GatewayProcess First => _first!;

    public GatewayProcess Second => _second!;

    public static string[] Arguments(RedisServer redis, string node) =>
        [$"--FastGate:Cluster:Redis={redis.Options}", $"--FastGate:Cluster:Node={node}", $"--FastGate:Cluster:Url={UrlOf(node)}"];

    public static string UrlOf(string node) => $"ws://{node}.example:8000/xiaozhi/v1/";

    public async Task InitializeAsync()
    {
        if (RedisServer.MissingReason is null)
        {
            _redis = await RedisServer.StartAsync();
            _first = await GatewayProcess.StartAsync(Arguments(_redis, "first"));
            _second = await GatewayProcess.StartAsync(Arguments(_redis, "second"));
            await JoinedAsync(_first);
            await JoinedAsync(_second);
        }
    }

    /// <summary>Waits until the server is in the cluster and has claimed what it holds.</summary>
    public static async Task JoinedAsync(GatewayProcess gateway, int times = 1)
    {
        try
        {
            await Eventually.TrueAsync(() => gateway.Log.Split("devices were claimed or verified").Length > times);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(gateway.Log, exception);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable? disposable in (IAsyncDisposable?[])[_first, _second, _redis])
        {
            await (disposable?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
