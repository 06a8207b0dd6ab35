using FastGate.Memory;
using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace FastGate.Fleet;

/// <summary>
/// Bans and tags in the database of the memory, in tables of their own. Each call opens the file and closes it, because changes are rare and the memory may
/// replace a damaged file at any time.
/// </summary>
internal sealed class SqliteFleetStore(string path) : IFleetStore
{
    private const int LockTimeoutSeconds = 5;

    private const string Schema = """
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=NORMAL;
        CREATE TABLE IF NOT EXISTS bans(id INTEGER PRIMARY KEY, device_id TEXT, address TEXT, at INTEGER NOT NULL, until INTEGER, reason TEXT);
        CREATE TABLE IF NOT EXISTS device_tags(device_id TEXT PRIMARY KEY, tags TEXT NOT NULL) WITHOUT ROWID;
        """;

    private readonly string _path = Path.GetFullPath(path);

    static SqliteFleetStore() => SQLitePCL.Batteries_V2.Init();

    public bool IsDurable => true;

    public (IReadOnlyList<Ban> Bans, IReadOnlyList<KeyValuePair<string, string[]>> Tags) Load() => !File.Exists(_path) ? ([], []) : Call(SqliteOpenMode.ReadOnly, connection =>
    {
        List<Ban> bans = [];
        List<KeyValuePair<string, string[]>> tags = [];
        if (connection.Read<long>("SELECT count(*) FROM sqlite_master WHERE name IN ('bans','device_tags')") == 2)
        {
            Read(connection, "SELECT id,device_id,address,at,until,reason FROM bans ORDER BY id", row => bans.Add(BanOf(row)));
            Read(connection, "SELECT device_id,tags FROM device_tags", row => tags.Add(new(row.GetString(0), row.GetString(1).Split(' '))));
        }

        return ((IReadOnlyList<Ban>)bans, (IReadOnlyList<KeyValuePair<string, string[]>>)tags);
    });

    public void Change(Ban? added, IReadOnlyList<long> removed) => Write(connection =>
    {
        foreach (long id in removed)
        {
            connection.Execute("DELETE FROM bans WHERE id=@id", ("@id", id));
        }

        if (added is not null)
        {
            connection.Execute(
                "INSERT INTO bans(id,device_id,address,at,until,reason) VALUES(@id,@device,@address,@at,@until,@reason)",
                ("@id", added.Id),
                ("@device", OrNull(added.Device)),
                ("@address", OrNull(added.Range?.ToString())),
                ("@at", added.At.ToUnixTimeMilliseconds()),
                ("@until", OrNull(added.Until?.ToUnixTimeMilliseconds())),
                ("@reason", OrNull(added.Reason)));
        }
    });

    public void SetTags(string deviceId, string[] tags) => Write(connection => connection.Execute(
        tags.Length == 0 ? "DELETE FROM device_tags WHERE device_id=@device" : "INSERT OR REPLACE INTO device_tags(device_id,tags) VALUES(@device,@tags)",
        ("@device", deviceId), ("@tags", string.Join(' ', tags))));

    private static object OrNull(object? value) => value ?? DBNull.Value;

    private static Ban BanOf(SqliteDataReader row) => new(
        row.GetInt64(0),
        row.IsDBNull(1) ? null : row.GetString(1),
        !row.IsDBNull(2) && AddressRange.TryParse(row.GetString(2), out AddressRange range) ? range : null,
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        row.IsDBNull(5) ? null : row.GetString(5));

    private static void Read(SqliteConnection connection, string sql, Action<SqliteDataReader> each)
    {
        using SqliteCommand query = connection.Prepare(sql);
        using SqliteDataReader row = query.ExecuteReader();
        while (row.Read())
        {
            each(row);
        }
    }

    private void Write(Action<SqliteConnection> write)
    {
        if (Path.GetDirectoryName(_path) is string directory)
        {
            Directory.CreateDirectory(directory);
        }

        Call(SqliteOpenMode.ReadWriteCreate, connection =>
        {
            connection.Execute(Schema);
            connection.Execute("BEGIN IMMEDIATE");
            write(connection);
            connection.Execute("COMMIT");
            return 0;
        });
    }

    private T Call<T>(SqliteOpenMode mode, Func<SqliteConnection, T> call)
    {
        try
        {
            var builder = new SqliteConnectionStringBuilder { DataSource = _path, Mode = mode, Pooling = false, DefaultTimeout = LockTimeoutSeconds };
            using var connection = new SqliteConnection(builder.ConnectionString);
            connection.Open();
            SqliteSchema.Check(connection);
            return call(connection);
        }
        catch (SqliteException exception)
        {
            throw SqliteFailure.Wrap(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MemoryStoreException(MemoryFailure.CannotOpen, exception.Message, exception);
        }
    }
}
