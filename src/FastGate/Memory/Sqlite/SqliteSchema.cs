using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>The tables, and the upgrades from one version to the next (<c>user_version</c>).</summary>
internal static class SqliteSchema
{
    private const int Version = 1;

    // Times are milliseconds since 1970; ids grow with time. The index finds a device's rows and ends in the id.
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

    /// <summary>Throws for a database of a newer release.</summary>
    public static void Check(SqliteConnection connection) => Check(connection, connection.Read<long>("PRAGMA user_version"));

    /// <summary>Upgrades a database to the current version; throws for one of a newer release and leaves it unchanged.</summary>
    public static void Upgrade(SqliteConnection connection)
    {
        long version = connection.Read<long>("PRAGMA user_version");
        Check(connection, version);
        if (version < Version)
        {
            // Two processes may open the same new file at a restart; for the second this changes nothing.
            connection.Execute("BEGIN IMMEDIATE;" + FirstVersion + "COMMIT");
        }
    }

    private static void Check(SqliteConnection connection, long version)
    {
        if (version > Version)
        {
            throw new MemoryStoreException(
                MemoryFailure.NewerSchema, $"{connection.DataSource} was written by a newer release (schema {version}, this release supports {Version})");
        }
    }
}
