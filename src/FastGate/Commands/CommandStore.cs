using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace FastGate.Commands;

/// <summary>
/// The commands in the database of the memory, in a table of their own; in a database in memory when nothing is stored. Used by one thread at a time.
/// A failure throws a <see cref="Memory.MemoryStoreException"/>; afterwards every call may be repeated.
/// </summary>
/// <remarks>A committed change survives the end of the process however it ends. Each statement is a transaction of its own.</remarks>
internal sealed class CommandStore(string? path, Func<int> openings) : IDisposable
{
    private const string Columns = "id,device_id,tool,state,created_at,expires_at,timeout_ms,sent_at,ended_at,result,reason";

    // Ended commands keep their row for the operator, without their payload.
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS device_commands(
          id INTEGER PRIMARY KEY,
          device_id TEXT NOT NULL,
          tool TEXT,
          payload BLOB NOT NULL,
          state INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          timeout_ms INTEGER NOT NULL,
          sent_at INTEGER,
          ended_at INTEGER,
          result TEXT,
          reason TEXT);
        CREATE INDEX IF NOT EXISTS device_commands_by_device ON device_commands(device_id,id);
        CREATE INDEX IF NOT EXISTS device_commands_by_end ON device_commands(ended_at) WHERE ended_at IS NOT NULL;
        CREATE INDEX IF NOT EXISTS device_commands_unfinished ON device_commands(id) WHERE ended_at IS NULL;
        """;

    private SqliteConnection? _connection;
    private SqliteCommand? _insert;
    private SqliteCommand? _payload;
    private SqliteCommand? _sent;
    private SqliteCommand? _end;
    private int _opened;

    /// <summary>Whether commands survive the end of the process.</summary>
    public bool IsDurable => path is not null;

    /// <summary>Whether a database may exist with commands of an earlier process.</summary>
    public bool MayHaveCommands => path is not null && File.Exists(path);

    /// <summary>Whether the memory has replaced the file since this store opened it: a damaged file is set aside.</summary>
    public bool IsReplaced => _connection is not null && path is not null && (_opened != openings() || !File.Exists(path));

    public bool IsOpen => _connection is not null;

    /// <summary>Opens the database, or another one after the file was replaced.</summary>
    public void Open() => Guard(() =>
    {
        Close();
        _opened = openings();
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }

        SqliteConnection connection = _connection = SqliteDatabase.Connect(path ?? ":memory:");
        SqliteSchema.Check(connection);
        if (path is not null)
        {
            connection.Execute("PRAGMA journal_mode=WAL");
        }

        // The memory writes to the same file: short waits of SQLite itself in place of the provider's of 150 ms.
        connection.Execute("PRAGMA busy_timeout=1000; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-512");
        connection.Execute(Schema);
        _insert = connection.Prepare(
            "INSERT INTO device_commands(id,device_id,tool,payload,state,created_at,expires_at,timeout_ms) VALUES(@id,@device,@tool,@payload,0,@created,@expires,@timeout)",
            "@id", "@device", "@tool", "@payload", "@created", "@expires", "@timeout");
        _payload = connection.Prepare("SELECT payload FROM device_commands WHERE id=@id", "@id");
        _sent = connection.Prepare("UPDATE device_commands SET state=@state,sent_at=@at WHERE id=@id AND ended_at IS NULL", "@state", "@at", "@id");
        _end = connection.Prepare(
            "UPDATE device_commands SET state=@state,ended_at=@at,result=@result,reason=@reason,payload=x'' WHERE id=@id AND ended_at IS NULL",
            "@state", "@at", "@result", "@reason", "@id");
        return 0;
    });

    /// <summary>The greatest id; 0 when there is none.</summary>
    public long LastId() => Guard(() => Connection.Read<long>("SELECT max(id) FROM device_commands"));

    /// <summary>The commands that have not ended, oldest first.</summary>
    public List<StoredCommand> Unfinished() => Guard(() => Query("ended_at IS NULL ORDER BY id"));

    public void Add(StoredCommand command, byte[] payload) => Guard(() => _insert!.With(
        command.Id, command.DeviceId, (object?)command.Tool ?? DBNull.Value, payload, command.CreatedAt, command.ExpiresAt, command.TimeoutMs).ExecuteNonQuery());

    /// <summary>Null when the command is not stored.</summary>
    public byte[]? Payload(long id) => Guard(() => _payload!.With(id).ExecuteScalar() as byte[]);

    /// <summary>Before the command is sent: a process that ends afterwards leaves a command of which this is known.</summary>
    public void MarkSent(long id, long at) => Guard(() => _sent!.With((int)CommandState.Sent, at, id).ExecuteNonQuery());

    /// <summary>The command was not sent after all.</summary>
    public void MarkQueued(long id) => Guard(() => _sent!.With((int)CommandState.Queued, DBNull.Value, id).ExecuteNonQuery());

    /// <summary>False when the command has already ended.</summary>
    public bool End(long id, long at, CommandResult result) => Guard(() => _end!.With(
        (int)result.State, at, (object?)result.Result ?? DBNull.Value, (object?)result.Reason ?? DBNull.Value, id).ExecuteNonQuery()) != 0;

    public StoredCommand? Find(long id) => Guard(() => Query("id=@id", ("@id", id)).FirstOrDefault());

    public int CountOf(string deviceId) =>
        (int)Guard(() => Connection.Read<long>("SELECT count(*) FROM device_commands WHERE device_id=@device", ("@device", deviceId)));

    /// <summary>The commands of a device with ids below <paramref name="beforeId"/>, newest first.</summary>
    public List<StoredCommand> Before(string deviceId, long beforeId, int most) =>
        Guard(() => Query("device_id=@device AND id<@before ORDER BY id DESC LIMIT @most", ("@device", deviceId), ("@before", beforeId), ("@most", most)));

    /// <summary>Deletes commands that ended before the time, and the oldest beyond the number of ended ones that are kept.</summary>
    public void DeleteEnded(long before, int kept, int most) => Guard(() =>
    {
        long count = Connection.Read<long>("SELECT count(*) FROM device_commands WHERE ended_at IS NOT NULL");
        Connection.Execute(
            "DELETE FROM device_commands WHERE id IN (SELECT id FROM device_commands WHERE ended_at<@before ORDER BY ended_at LIMIT @most)",
            ("@before", before), ("@most", most));
        return Connection.Execute(
            "DELETE FROM device_commands WHERE id IN (SELECT id FROM device_commands WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT @most)",
            ("@most", Math.Clamp(count - kept, 0, most)));
    });

    /// <summary>Closes the file. A database in memory loses its commands with it.</summary>
    public void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    public void Dispose() => Close();

    private SqliteConnection Connection => _connection ?? throw new Memory.MemoryStoreException(Memory.MemoryFailure.CannotOpen, "the database is not open");

    private List<StoredCommand> Query(string condition, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand query = Connection.Prepare($"SELECT {Columns} FROM device_commands WHERE {condition}");
        foreach ((string name, object value) in parameters)
        {
            query.Parameters.AddWithValue(name, value);
        }

        List<StoredCommand> commands = [];
        using SqliteDataReader row = query.ExecuteReader();
        while (row.Read())
        {
            commands.Add(new StoredCommand
            {
                Id = row.GetInt64(0),
                DeviceId = row.GetString(1),
                Tool = row.IsDBNull(2) ? null : row.GetString(2),
                State = (CommandState)row.GetInt32(3),
                CreatedAt = row.GetInt64(4),
                ExpiresAt = row.GetInt64(5),
                TimeoutMs = row.GetInt64(6),
                SentAt = row.IsDBNull(7) ? null : row.GetInt64(7),
                EndedAt = row.IsDBNull(8) ? null : row.GetInt64(8),
                Result = row.IsDBNull(9) ? null : row.GetString(9),
                Reason = row.IsDBNull(10) ? null : row.GetString(10),
            });
        }

        return commands;
    }

    /// <summary>A connection whose state is unknown is opened again by the next request.</summary>
    private T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or Memory.MemoryStoreException)
        {
            Memory.MemoryStoreException failure = exception as Memory.MemoryStoreException
                ?? (exception is SqliteException sqlite ? SqliteFailure.Wrap(sqlite) : new(Memory.MemoryFailure.CannotOpen, exception.Message, exception));
            if (path is not null && failure.Failure is not (Memory.MemoryFailure.Locked or Memory.MemoryFailure.Full))
            {
                Close();
            }

            throw failure;
        }
    }
}
