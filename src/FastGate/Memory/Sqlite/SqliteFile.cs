using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>
/// Tables of a room beside those of the memory. Each call opens the file and closes it, because calls are rare and the memory may replace a damaged file at
/// any time. Any thread. A failure throws a <see cref="MemoryStoreException"/>, and nothing is changed.
/// </summary>
/// <param name="path">The database of the memory.</param>
/// <param name="schema">Creates the tables that do not exist yet.</param>
/// <param name="lockTimeoutSeconds">How long a call waits for another writer.</param>
internal sealed class SqliteFile(string path, string schema, int lockTimeoutSeconds)
{
    private const string Settings = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;";

    private readonly string _path = Path.GetFullPath(path);

    /// <summary>The rows of a query; none when there is no file or no such table yet.</summary>
    public List<T> Read<T>(string table, string sql, Func<SqliteDataReader, T> row, params (string Name, object Value)[] parameters) =>
        !File.Exists(_path) ? [] : Call(SqliteOpenMode.ReadOnly, connection =>
        {
            List<T> rows = [];
            if (connection.Read<long>("SELECT count(*) FROM sqlite_master WHERE name=@name", ("@name", table)) != 0)
            {
                using SqliteCommand query = connection.Prepare(sql);
                foreach ((string name, object value) in parameters)
                {
                    query.Parameters.AddWithValue(name, value);
                }

                using SqliteDataReader reader = query.ExecuteReader();
                while (reader.Read())
                {
                    rows.Add(row(reader));
                }
            }

            return rows;
        });

    /// <summary>Makes all changes or none. They survive the end of the process however it ends.</summary>
    public void Write(Action<SqliteConnection> write)
    {
        if (Path.GetDirectoryName(_path) is string directory)
        {
            Guard(() => Directory.CreateDirectory(directory));
        }

        Call(SqliteOpenMode.ReadWriteCreate, connection =>
        {
            connection.Execute(Settings);
            connection.Execute(schema);
            connection.Execute("BEGIN IMMEDIATE");
            write(connection);
            return connection.Execute("COMMIT");
        });
    }

    private T Call<T>(SqliteOpenMode mode, Func<SqliteConnection, T> call) => Guard(() =>
    {
        using SqliteConnection connection = SqliteDatabase.Connect(_path, mode, lockTimeoutSeconds);
        SqliteSchema.Check(connection);
        return call(connection);
    });

    private static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
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
