using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FastGate.Memory.Sqlite;

/// <summary>The writing connection and its commands, prepared once. One thread at a time.</summary>
internal sealed class SqliteWriting : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _saveSummary;
    private readonly SqliteCommand _eraseTurns;
    private readonly SqliteCommand _eraseSummary;
    private readonly SqliteCommand _deleteOld;
    private readonly SqliteCommand _deleteOldSummaries;

    public SqliteWriting(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _insert = Command(
            "INSERT INTO turns(id,device_id,session_id,at,user,assistant) VALUES(@id,@device,@session,@at,@user,@assistant) ON CONFLICT(id) DO NOTHING",
            "@id", "@device", "@session", "@at", "@user", "@assistant");
        _find = Command("SELECT device_id,session_id,at,user FROM turns WHERE id=@id", "@id");
        _saveSummary = Command(
            """
            INSERT INTO summaries(device_id,text,covers_to,at) SELECT @device,@text,@covers,@at
            WHERE EXISTS(SELECT 1 FROM turns WHERE id=@covers AND device_id=@device)
              AND coalesce((SELECT covers_to FROM summaries WHERE device_id=@device),0) IN (@previous,@covers)
            ON CONFLICT(device_id) DO UPDATE SET text=excluded.text,covers_to=excluded.covers_to,at=excluded.at
            """,
            "@device", "@text", "@covers", "@at", "@previous");
        _eraseTurns = Command("DELETE FROM turns WHERE device_id=@device", "@device");
        _eraseSummary = Command("DELETE FROM summaries WHERE device_id=@device", "@device");
        _deleteOld = Command("DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE at<@cutoff LIMIT @max)", "@cutoff", "@max");
        _deleteOldSummaries = Command("DELETE FROM summaries WHERE at<@cutoff", "@cutoff");
    }

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    /// <summary>False when the connection is beyond use.</summary>
    public bool TryRollback()
    {
        try
        {
            if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
            {
                _rollback.ExecuteNonQuery();
            }

            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    public void Insert(StoredExchange turn)
    {
        SqliteParameterCollection parameters = _insert.Parameters;
        parameters[0].Value = turn.Id;
        parameters[1].Value = turn.DeviceId;
        parameters[2].Value = turn.SessionId;
        parameters[3].Value = turn.At.ToUnixTimeMilliseconds();
        parameters[4].Value = turn.User;
        parameters[5].Value = turn.Assistant;
        if (_insert.ExecuteNonQuery() == 0)
        {
            InsertSlow(turn);
        }
    }

    public int SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo)
    {
        SqliteParameterCollection parameters = _saveSummary.Parameters;
        parameters[0].Value = deviceId;
        parameters[1].Value = summary.Text;
        parameters[2].Value = summary.CoversTo;
        parameters[3].Value = summary.At.ToUnixTimeMilliseconds();
        parameters[4].Value = previousCoversTo;
        return _saveSummary.ExecuteNonQuery();
    }

    public int Erase(string deviceId)
    {
        _eraseSummary.Parameters[0].Value = deviceId;
        _eraseSummary.ExecuteNonQuery();
        _eraseTurns.Parameters[0].Value = deviceId;
        return _eraseTurns.ExecuteNonQuery();
    }

    public int DeleteOlderThan(long cutoffMs, int maxTurns)
    {
        _deleteOld.Parameters[0].Value = cutoffMs;
        _deleteOld.Parameters[1].Value = maxTurns;
        int turns = _deleteOld.ExecuteNonQuery();
        if (turns < maxTurns)
        {
            _deleteOldSummaries.Parameters[0].Value = cutoffMs;
            _deleteOldSummaries.ExecuteNonQuery();
        }

        return turns;
    }

    public void Checkpoint() => SqliteSchema.Execute(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose()
    {
        foreach (SqliteCommand command in (ReadOnlySpan<SqliteCommand>)
            [_begin, _commit, _rollback, _insert, _find, _saveSummary, _eraseTurns, _eraseSummary, _deleteOld, _deleteOldSummaries])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    /// <summary>
    /// The id is taken: by this very turn, when an earlier attempt was committed after all, or by another process that drew the same
    /// number. In the second case both turns must be kept.
    /// </summary>
    private void InsertSlow(StoredExchange turn)
    {
        for (long id = turn.Id; !IsKept(id, turn);)
        {
            _insert.Parameters[0].Value = ++id;
            if (_insert.ExecuteNonQuery() != 0)
            {
                return;
            }
        }
    }

    private bool IsKept(long id, StoredExchange turn)
    {
        _find.Parameters[0].Value = id;
        using SqliteDataReader row = _find.ExecuteReader();
        return row.Read()
            && row.GetString(0) == turn.DeviceId
            && row.GetString(1) == turn.SessionId
            && row.GetInt64(2) == turn.At.ToUnixTimeMilliseconds()
            && row.GetString(3) == turn.User;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }
}
