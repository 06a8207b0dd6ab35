using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FastGate.Memory.Sqlite;

/// <summary>Opens connections to a database file.</summary>
internal static class SqliteDatabase
{
    // Waiting longer for a lock only delays the retries of the caller.
    private const int LockTimeoutSeconds = 1;

    static SqliteDatabase() => Batteries_V2.Init();

    /// <summary>Creates the file when it does not exist.</summary>
    public static SqliteConnection Connect(string path) => Connect(path, SqliteOpenMode.ReadWriteCreate);

    public static SqliteConnection Connect(string path, SqliteOpenMode mode, int lockTimeoutSeconds = LockTimeoutSeconds)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = lockTimeoutSeconds,
        }.ToString());
        connection.Open();

        // SQLite tries again after milliseconds, the provider only after 150: at a start three connections open the same file.
        raw.sqlite3_busy_timeout(connection.Handle!, lockTimeoutSeconds * 1000);
        return connection;
    }
}
