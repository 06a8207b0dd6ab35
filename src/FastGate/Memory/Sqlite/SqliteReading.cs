using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>The reading connection and its commands, prepared once. One thread at a time.</summary>
internal sealed class SqliteReading : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _summary;
    private readonly SqliteCommand _last;
    private readonly SqliteCommand _after;

    public SqliteReading(SqliteConnection connection)
    {
        _connection = connection;
        SqliteSchema.Execute(connection, "PRAGMA query_only=1; PRAGMA cache_size=-2048");
        _summary = Command("SELECT text,covers_to,at FROM summaries WHERE device_id=@device", "@device");
        _last = Command(
            "SELECT id,session_id,at,user,assistant FROM turns WHERE device_id=@device ORDER BY id DESC LIMIT @max", "@device", "@max");
        _after = Command(
            "SELECT id,session_id,at,user,assistant FROM turns WHERE device_id=@device AND id>@after ORDER BY id LIMIT @max", "@device", "@max", "@after");
    }

    public StoredSummary? Summary(string deviceId)
    {
        _summary.Parameters[0].Value = deviceId;
        using SqliteDataReader row = _summary.ExecuteReader();
        return row.Read() ? new StoredSummary(row.GetString(0), row.GetInt64(1), Time(row.GetInt64(2))) : null;
    }

    public List<StoredExchange> Last(string deviceId, int maxTurns)
    {
        _last.Parameters[0].Value = deviceId;
        _last.Parameters[1].Value = Math.Max(0, maxTurns);
        List<StoredExchange> turns = Turns(_last, deviceId);
        turns.Reverse();
        return turns;
    }

    public List<StoredExchange> After(string deviceId, long afterId, int maxTurns)
    {
        _after.Parameters[0].Value = deviceId;
        _after.Parameters[1].Value = Math.Max(0, maxTurns);
        _after.Parameters[2].Value = afterId;
        return Turns(_after, deviceId);
    }

    public void Dispose()
    {
        _summary.Dispose();
        _last.Dispose();
        _after.Dispose();
        _connection.Dispose();
    }

    private static List<StoredExchange> Turns(SqliteCommand command, string deviceId)
    {
        var turns = new List<StoredExchange>();
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            turns.Add(new StoredExchange(row.GetInt64(0), deviceId, row.GetString(1), Time(row.GetInt64(2)), row.GetString(3), row.GetString(4)));
        }

        return turns;
    }

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

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
