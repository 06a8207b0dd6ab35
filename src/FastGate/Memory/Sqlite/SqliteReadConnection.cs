using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>The connection for reads and its commands, prepared once. One thread at a time.</summary>
internal sealed class SqliteReadConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _summary;
    private readonly SqliteCommand _last;
    private readonly SqliteCommand _after;

    public SqliteReadConnection(SqliteConnection connection)
    {
        _connection = connection;
        connection.Execute("PRAGMA query_only=1; PRAGMA cache_size=-2048");
        _summary = connection.Prepare("SELECT text,covers_to,at FROM summaries WHERE device_id=@device", "@device");
        _last = connection.Prepare(
            "SELECT id,session_id,at,user,assistant FROM turns WHERE device_id=@device ORDER BY id DESC LIMIT @max", "@device", "@max");
        _after = connection.Prepare(
            "SELECT id,session_id,at,user,assistant FROM turns WHERE device_id=@device AND id>@after ORDER BY id LIMIT @max", "@device", "@max", "@after");
    }

    public StoredSummary? Summary(string deviceId)
    {
        using SqliteDataReader row = _summary.With(deviceId).ExecuteReader();
        return row.Read() ? new StoredSummary(row.GetString(0), row.GetInt64(1), Time(row.GetInt64(2))) : null;
    }

    public List<StoredExchange> Last(string deviceId, int maxExchanges)
    {
        using SqliteDataReader rows = _last.With(deviceId, Math.Max(0, maxExchanges)).ExecuteReader();
        List<StoredExchange> exchanges = ReadAll(rows, deviceId);
        exchanges.Reverse();
        return exchanges;
    }

    public List<StoredExchange> After(string deviceId, long afterId, int maxExchanges)
    {
        using SqliteDataReader rows = _after.With(deviceId, Math.Max(0, maxExchanges), afterId).ExecuteReader();
        return ReadAll(rows, deviceId);
    }

    public void Dispose() => _connection.Dispose();

    private static List<StoredExchange> ReadAll(SqliteDataReader rows, string deviceId)
    {
        var exchanges = new List<StoredExchange>();
        while (rows.Read())
        {
            exchanges.Add(new StoredExchange(rows.GetInt64(0), deviceId, rows.GetString(1), Time(rows.GetInt64(2)), rows.GetString(3), rows.GetString(4)));
        }

        return exchanges;
    }

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
