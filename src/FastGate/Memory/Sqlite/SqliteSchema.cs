using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>The tables, and the steps from one version of them to the next (<c>user_version</c>).</summary>
internal static class SqliteSchema
{
    private const int Version = 1;

    // Times are milliseconds since 1970; ids grow with time. A device's turns are found by the index, which ends in the id.
    private const string FirstVersion = """
        CREATE TABLE IF NOT EXISTS turns(
          id INTEGER PRIMARY KEY,
          device_id TEXT NOT NULL,
          session_id TEXT NOT NULL,
          at INTEGER NOT NULL,
          user TEXT NOT NULL,
          assistant TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS turns_by_device ON turns(device_id);
        CREATE INDEX IF NOT EXISTS turns_by_time ON turns(at);
        CREATE TABLE IF NOT EXISTS summaries(
          device_id TEXT PRIMARY KEY,
          text TEXT NOT NULL,
          covers_to INTEGER NOT NULL,
          at INTEGER NOT NULL) WITHOUT ROWID;
        PRAGMA user_version=1;
        """;

    /// <summary>Brings a database to the present version; one of a newer release is left as it is.</summary>
    public static void Upgrade(SqliteConnection connection)
    {
        long version = Scalar(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new MemoryStoreException(
                MemoryFailure.NewerSchema, $"{connection.DataSource} was written by a newer release (schema {version}, this release knows {Version})");
        }

        if (version < Version)
        {
            // Two processes may open the same new file at a restart; the second finds it done.
            Execute(connection, "BEGIN IMMEDIATE;" + FirstVersion + "COMMIT");
        }
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long value ? value : 0;
    }

    public static string Text(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string ?? "";
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
