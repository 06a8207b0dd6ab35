using Npgsql;

namespace FastGate.Memory.Postgres;

/// <summary>What the rows of a result say.</summary>
internal static class PostgresRows
{
    public static StoredSummary? Summary(this NpgsqlDataReader row) =>
        row.Read() ? new StoredSummary(row.GetString(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))) : null;

    public static List<StoredExchange> Exchanges(this NpgsqlDataReader rows, string deviceId)
    {
        List<StoredExchange> exchanges = [];
        while (rows.Read())
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(2));
            exchanges.Add(new StoredExchange(rows.GetInt64(0), deviceId, rows.GetString(1), at, rows.GetString(3), rows.GetString(4)));
        }

        return exchanges;
    }
}
