using Npgsql;
using static FastGate.Memory.Postgres.PostgresExtensions;

namespace FastGate.Memory.Postgres;

/// <content>Storing exchanges. The writer thread.</content>
internal sealed partial class PostgresMemoryStore
{
    public bool Append(IReadOnlyList<StoredExchange> exchanges) => _writing.Call(connection => Append(connection, new ExchangeColumns(exchanges)));

    private bool Append(NpgsqlConnection connection, ExchangeColumns columns)
    {
        int inserted;
        using (NpgsqlBatch batch = connection.CreateBatch()
            .Then(_tables.Share)
            .Then(
                _tables.Append,
                Parameter(columns.Ids),
                Parameter(columns.Devices),
                Parameter(columns.Sessions),
                Parameter(columns.Times),
                Parameter(columns.Users),
                Parameter(columns.Assistants),
                Parameter(_knownErasure!.Value))
            .Then(_tables.Erasures, Parameter(_knownErasure.Value)))
        {
            using (NpgsqlDataReader rows = batch.ExecuteReader())
            {
                // The lock and the insertion, whose results are skipped, come first.
                rows.NextResult();
                if (NoteErasures(rows))
                {
                    return false;
                }
            }

            inserted = (int)batch.BatchCommands[1].RecordsAffected;
        }

        _checkedAt = _time.GetTimestamp();
        return inserted == columns.Count || AppendUnderOtherIds(connection, columns);
    }

    /// <summary>
    /// Some ids were taken: an earlier attempt was committed after all, or another process drew the same id for the device. Those are stored under the
    /// next ones.
    /// </summary>
    private bool AppendUnderOtherIds(NpgsqlConnection connection, ExchangeColumns columns)
    {
        List<int> missing = [];
        using (NpgsqlBatch batch = connection.CreateBatch().Then(
            _tables.NotStored,
            Parameter(columns.Ids),
            Parameter(columns.Devices),
            Parameter(columns.Sessions),
            Parameter(columns.Times),
            Parameter(columns.Users)))
        using (NpgsqlDataReader rows = batch.ExecuteReader())
        {
            while (rows.Read())
            {
                missing.Add((int)rows.GetInt64(0) - 1);
            }
        }

        return missing.Count == 0 || Append(connection, columns.WithNextIds(missing));
    }
}
