using FastGate.Testing.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>One redis-server for the tests of a class; each test has a prefix of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisServer? _server;

    public RedisServer Server => _server ?? throw new InvalidOperationException("redis-server is missing.");

    public async Task InitializeAsync() => _server = RedisServer.MissingReason is null ? await RedisServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
