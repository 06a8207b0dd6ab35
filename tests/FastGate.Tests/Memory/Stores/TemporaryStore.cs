using System.Data.Common;
using FastGate.Memory;
using FastGate.Memory.Postgres;
using FastGate.Testing.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Memory.Stores;

/// <summary>An empty database of either kind, of which several stores may be opened, as by several processes.</summary>
internal sealed class TemporaryStore : IDisposable
{
    private readonly TemporaryDatabase? _file;
    private readonly PostgresServer? _server;
    private readonly string _prefix;

    public TemporaryStore(StoreKind kind, PostgresFixture postgres, string? prefix = null)
    {
        _file = kind == StoreKind.Sqlite ? new TemporaryDatabase() : null;
        _server = kind == StoreKind.Postgres ? postgres.Server : null;
        _prefix = prefix ?? _server?.NewPrefix() ?? "";
    }

    /// <summary>The arguments by which another program opens the database.</summary>
    public string[] Arguments => _file is not null ? ["sqlite", _file.Path] : ["postgres", _server!.ConnectionString, _prefix];

    public IMemoryStore Open()
    {
        IMemoryStore store = Create();
        store.Open();
        return store;
    }

    public IMemoryStore Create(TimeProvider? time = null) => _file is not null
        ? _file.Store(time: time)
        : new PostgresMemoryStore(_server!.ConnectionString, _prefix, NullLogger<PostgresMemoryStore>.Instance, time ?? TimeProvider.System);

    /// <summary>The stored exchanges with ids above the given one, as another program reads them.</summary>
    public IEnumerable<StoredExchange> Exchanges(long afterId = 0)
    {
        using DbConnection connection = _file is not null ? _file.Connect() : _server!.Connect();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = _file is not null
            ? "SELECT id,device_id,session_id,at,user,assistant FROM turns WHERE id>@after ORDER BY id"
            : $"SELECT id,device_id,session_id,at,user_text,assistant_text FROM {_prefix}turns WHERE id>@after ORDER BY id";
        DbParameter after = command.CreateParameter();
        after.ParameterName = "@after";
        after.Value = afterId;
        command.Parameters.Add(after);
        using DbDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            yield return new StoredExchange(
                row.GetInt64(0), row.GetString(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), row.GetString(4), row.GetString(5));
        }
    }

    public void CheckUndamaged() => Assert.Empty(_file?.MovedAside ?? []);

    public void Dispose() => _file?.Dispose();
}
