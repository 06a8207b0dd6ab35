using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FastGate.Memory.Sqlite;

/// <summary>The connection for writes and its commands, prepared once. One thread at a time.</summary>
internal sealed class SqliteWriteConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _saveSummary;
    private readonly SqliteCommand _eraseExchanges;
    private readonly SqliteCommand _eraseSummary;
    private readonly SqliteCommand _deleteOld;
    private readonly SqliteCommand _deleteOldSummaries;

    public SqliteWriteConnection(SqliteConnection connection)
    {
        _connection = connection;
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _rollback = connection.Prepare("ROLLBACK");
        _insert = connection.Prepare(
            "INSERT INTO turns(id,device_id,session_id,at,user,assistant) VALUES(@id,@device,@session,@at,@user,@assistant) ON CONFLICT(id) DO NOTHING",
            "@id", "@device", "@session", "@at", "@user", "@assistant");
        _find = connection.Prepare("SELECT device_id,session_id,at,user FROM turns WHERE id=@id", "@id");
        _saveSummary = connection.Prepare(
            """
            INSERT INTO summaries(device_id,text,covers_to,at) SELECT @device,@text,@covers,@at
            WHERE EXISTS(SELECT 1 FROM turns WHERE id=@covers AND device_id=@device)
              AND coalesce((SELECT covers_to FROM summaries WHERE device_id=@device),0) IN (@previous,@covers)
            ON CONFLICT(device_id) DO UPDATE SET text=excluded.text,covers_to=excluded.covers_to,at=excluded.at
            """,
            "@device", "@text", "@covers", "@at", "@previous");
        _eraseExchanges = connection.Prepare("DELETE FROM turns WHERE device_id=@device", "@device");
        _eraseSummary = connection.Prepare("DELETE FROM summaries WHERE device_id=@device", "@device");
        _deleteOld = connection.Prepare("DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE at<@cutoff LIMIT @max)", "@cutoff", "@max");
        _deleteOldSummaries = connection.Prepare("DELETE FROM summaries WHERE at<@cutoff", "@cutoff");
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Returns false when the connection is no longer usable.</summary>
    public bool TryRollback()
    {
        try
        {
            if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
            {
                _rollback.Run();
            }

            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>
    /// Stores the exchange. When its id is taken, either an earlier attempt at this exchange was committed after all, or another process
    /// drew the same id; then it is stored under the next free one.
    /// </summary>
    public void Insert(StoredExchange exchange)
    {
        long at = exchange.At.ToUnixTimeMilliseconds();
        long id = exchange.Id;
        while (_insert.Run(id, exchange.DeviceId, exchange.SessionId, at, exchange.User, exchange.Assistant) == 0 && !IsStored(id, exchange))
        {
            id++;
        }
    }

    public int SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) =>
        _saveSummary.Run(deviceId, summary.Text, summary.CoversTo, summary.At.ToUnixTimeMilliseconds(), previousCoversTo);

    public int Erase(string deviceId)
    {
        _eraseSummary.Run(deviceId);
        return _eraseExchanges.Run(deviceId);
    }

    public int DeleteOlderThan(long cutoffMs, int maxExchanges)
    {
        int deleted = _deleteOld.Run(cutoffMs, maxExchanges);
        if (deleted < maxExchanges)
        {
            _deleteOldSummaries.Run(cutoffMs);
        }

        return deleted;
    }

    public void Checkpoint() => _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose()
    {
        foreach (SqliteCommand command in (ReadOnlySpan<SqliteCommand>)
            [_begin, _commit, _rollback, _insert, _find, _saveSummary, _eraseExchanges, _eraseSummary, _deleteOld, _deleteOldSummaries])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private bool IsStored(long id, StoredExchange exchange)
    {
        using SqliteDataReader row = _find.Read(id);
        return row.Read()
            && row.GetString(0) == exchange.DeviceId
            && row.GetString(1) == exchange.SessionId
            && row.GetInt64(2) == exchange.At.ToUnixTimeMilliseconds()
            && row.GetString(3) == exchange.User;
    }
}
