using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FastGate.Memory.Sqlite;

/// <summary>The connection for writes. One thread at a time.</summary>
internal sealed class SqliteWriteConnection(SqliteConnection connection) : IDisposable
{
    private readonly SqliteCommand _insert = connection.Prepare(
        "INSERT INTO turns(id,device_id,session_id,at,user,assistant) VALUES(@id,@device,@session,@at,@user,@assistant) ON CONFLICT(id) DO NOTHING",
        "@id", "@device", "@session", "@at", "@user", "@assistant");

    public void Begin() => connection.Execute("BEGIN IMMEDIATE");

    public void Commit() => connection.Execute("COMMIT");

    /// <summary>Returns false when the connection is no longer usable.</summary>
    public bool TryRollback()
    {
        try
        {
            if (raw.sqlite3_get_autocommit(connection.Handle!) == 0)
            {
                connection.Execute("ROLLBACK");
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
        while (_insert.With(id, exchange.DeviceId, exchange.SessionId, at, exchange.User, exchange.Assistant).ExecuteNonQuery() == 0
            && !IsStored(id, at, exchange))
        {
            id++;
        }
    }

    public int SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => connection.Execute(
        """
        INSERT INTO summaries(device_id,text,covers_to,at) SELECT @device,@text,@covers,@at
        WHERE EXISTS(SELECT 1 FROM turns WHERE id=@covers AND device_id=@device)
          AND coalesce((SELECT covers_to FROM summaries WHERE device_id=@device),0) IN (@previous,@covers)
        ON CONFLICT(device_id) DO UPDATE SET text=excluded.text,covers_to=excluded.covers_to,at=excluded.at
        """,
        ("@device", deviceId),
        ("@text", summary.Text),
        ("@covers", summary.CoversTo),
        ("@at", summary.At.ToUnixTimeMilliseconds()),
        ("@previous", previousCoversTo));

    public int Erase(string deviceId)
    {
        connection.Execute("DELETE FROM summaries WHERE device_id=@device", ("@device", deviceId));
        return connection.Execute("DELETE FROM turns WHERE device_id=@device", ("@device", deviceId));
    }

    public int DeleteOlderThan(long cutoffMs, int maxExchanges)
    {
        int deleted = connection.Execute(
            "DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE at<@cutoff LIMIT @max)", ("@cutoff", cutoffMs), ("@max", maxExchanges));
        if (deleted < maxExchanges)
        {
            connection.Execute("DELETE FROM summaries WHERE at<@cutoff", ("@cutoff", cutoffMs));
        }

        return deleted;
    }

    public void Checkpoint() => connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose() => connection.Dispose();

    private bool IsStored(long id, long at, StoredExchange exchange) => connection.Read<long>(
        "SELECT count(*) FROM turns WHERE id=@id AND device_id=@device AND session_id=@session AND at=@at AND user=@user",
        ("@id", id),
        ("@device", exchange.DeviceId),
        ("@session", exchange.SessionId),
        ("@at", at),
        ("@user", exchange.User)) != 0;
}
