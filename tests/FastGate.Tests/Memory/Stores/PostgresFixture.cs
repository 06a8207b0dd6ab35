using FastGate.Testing.Postgres;

namespace FastGate.Tests.Memory.Stores;

/// <summary>One server for all tests of the collection, which run one after the other. It starts with the first test that needs it.</summary>
public sealed class PostgresFixture : IDisposable
{
    private readonly Lazy<PostgresServer> _server = new(PostgresServer.Start);

    internal PostgresServer Server => _server.Value;

    public void Dispose()
    {
        if (_server.IsValueCreated)
        {
            _server.Value.Dispose();
        }
    }
}
