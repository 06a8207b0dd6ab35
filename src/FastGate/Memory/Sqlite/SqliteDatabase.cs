using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>Opens connections to a database file.</summary>
internal static class SqliteDatabase
{
    // Waiting longer for a lock only delays the retries of the caller.
    private const int LockTimeoutSeconds = 1;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Creates the file when it does not exist.</summary>
    public static SqliteConnection Connect(string path) => Connect(path, SqliteOpenMode.ReadWriteCreate);

    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = LockTimeoutSeconds,
        }.ToString());
        connection.Open();
        return connection;
    }
}
