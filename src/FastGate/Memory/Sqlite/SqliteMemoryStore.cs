using System.Globalization;
using FastGate.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Sqlite;

/// <summary>
/// Memory in one SQLite file with a write-ahead log and <c>synchronous=NORMAL</c>: committed data survives a crash of the process; only a
/// power failure may lose the last moments. Other processes may read the file meanwhile. A damaged file is renamed and not written again.
/// </summary>
internal sealed class SqliteMemoryStore : IMemoryStore
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly DamagedDatabase _damaged;

    // Held during a read, because the writer thread closes the reading connection when it repairs the file.
    private readonly Lock _readGate = new();
    private SqliteReadConnection? _reading;

    // Set by either thread: damage was reported.
    private bool _suspect;

    // Owned by the writer thread; _reopen and _pageLimit are also set by others.
    private SqliteWriteConnection? _writing;
    private bool _reopen;
    private bool _logged;
    private long _pageLimit;
    private int _openings;

    public SqliteMemoryStore(string path, ILogger<SqliteMemoryStore> logger, TimeProvider time)
    {
        _path = Path.GetFullPath(path);
        _logger = logger;
        _damaged = new DamagedDatabase(_path, logger, time);
    }

    public bool IsEnabled => true;

    public long LastId { get; private set; }

    /// <summary>How often the file was opened: it may be another one each time. Any thread.</summary>
    public int Openings => Volatile.Read(ref _openings);

    /// <summary>Maximum number of pages of the file, 0 for no limit, from the next <see cref="Open"/>. Tests use it to simulate a full disk.</summary>
    public long PageLimit
    {
        get => Volatile.Read(ref _pageLimit);
        set
        {
            Volatile.Write(ref _pageLimit, value);
            Volatile.Write(ref _reopen, true);
        }
    }

    /// <summary>Throws <see cref="MemoryStoreException"/> when this release could not use an existing database. Writes nothing.</summary>
    public static void Check(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using SqliteConnection connection = SqliteDatabase.Connect(Path.GetFullPath(path), SqliteOpenMode.ReadOnly);
            SqliteSchema.Check(connection);
        }
        catch (SqliteException exception)
        {
            throw SqliteFailure.Wrap(exception);
        }
    }

    public void Open()
    {
        // A deleted file would still accept writes, but no one could read them.
        if (_writing is not null && !Volatile.Read(ref _reopen) && !Volatile.Read(ref _suspect) && File.Exists(_path))
        {
            return;
        }

        try
        {
            Close();
            Volatile.Write(ref _reopen, false);
            if (Volatile.Read(ref _suspect) && _damaged.IsConfirmed(Connect, out string finding))
            {
                _damaged.MoveAside(finding);
            }

            Volatile.Write(ref _suspect, false);
            try
            {
                OpenCore();
            }
            catch (SqliteException exception) when (SqliteFailure.Of(exception) == MemoryFailure.Corrupt)
            {
                Close();
                _damaged.MoveAside(exception.Message);
                OpenCore();
            }
        }
        catch (Exception exception)
        {
            Close();
            switch (exception)
            {
                case SqliteException sqlite:
                    throw SqliteFailure.Wrap(sqlite);
                case IOException or UnauthorizedAccessException:
                    throw new MemoryStoreException(MemoryFailure.CannotOpen, exception.Message, exception);
                default:
                    throw;
            }
        }
    }

    public bool Append(IReadOnlyList<StoredExchange> exchanges) => Write(writing =>
    {
        foreach (StoredExchange exchange in exchanges)
        {
            writing.Insert(exchange);
        }

        return 1;
    }) != 0;

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) =>
        Write(writing => writing.SaveSummary(deviceId, summary, previousCoversTo)) != 0;

    public int Erase(string deviceId)
    {
        int erased = Write(writing => writing.Erase(deviceId));

        // Erased content must not stay in the log. Best effort: a concurrent reader defers this to the next checkpoint.
        try
        {
            _writing!.Checkpoint();
        }
        catch (SqliteException exception)
        {
            Classify(exception);
        }

        return erased;
    }

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxExchanges) =>
        Write(writing => writing.DeleteOlderThan(cutoff.ToUnixTimeMilliseconds(), maxExchanges));

    public DeviceMemory Load(string deviceId, int maxExchanges) =>
        Read(reading => new DeviceMemory(reading.Summary(deviceId)?.Text, reading.Last(deviceId, maxExchanges)));

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxExchanges) => Read(reading =>
    {
        StoredSummary? summary = reading.Summary(deviceId);
        List<StoredExchange> exchanges = reading.After(deviceId, afterId ?? summary?.CoversTo ?? long.MinValue, maxExchanges + 1);
        bool more = exchanges.Count > maxExchanges;
        if (more)
        {
            exchanges.RemoveAt(exchanges.Count - 1);
        }

        return new MemoryPage(summary, exchanges, more);
    });

    public void Dispose() => Close();

    private void OpenCore()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);

        // When a statement below fails, Open closes both connections.
        SqliteConnection connection = Connect();
        _writing = new SqliteWriteConnection(connection);
        connection.Execute("PRAGMA journal_mode=WAL");
        connection.Execute("PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096");
        connection.Execute("PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=33554432");
        if (PageLimit > 0)
        {
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={PageLimit}"));
        }

        SqliteSchema.Upgrade(connection);
        Volatile.Write(ref _openings, _openings + 1);
        LastId = connection.Read<long>("SELECT max(id) FROM turns");
        var reading = new SqliteReadConnection(Connect());
        lock (_readGate)
        {
            _reading = reading;
        }

        if (!_logged)
        {
            _logged = true;
            _logger.MemoryOpened(_path);
        }
    }

    private SqliteConnection Connect() => SqliteDatabase.Connect(_path);

    private void Close()
    {
        lock (_readGate)
        {
            _reading?.Dispose();
            _reading = null;
        }

        _writing?.Dispose();
        _writing = null;
    }

    /// <summary>Runs in one transaction; a failure is classified once and leaves no transaction open.</summary>
    private int Write(Func<SqliteWriteConnection, int> write)
    {
        SqliteWriteConnection writing = _writing ?? throw NotOpen();
        try
        {
            writing.Begin();
            int result = write(writing);
            writing.Commit();
            return result;
        }
        catch (SqliteException exception)
        {
            MemoryStoreException classified = Classify(exception);
            if (!writing.TryRollback())
            {
                Volatile.Write(ref _reopen, true);
            }

            throw classified;
        }
    }

    private T Read<T>(Func<SqliteReadConnection, T> read)
    {
        lock (_readGate)
        {
            SqliteReadConnection reading = _reading ?? throw NotOpen();
            try
            {
                return read(reading);
            }
            catch (SqliteException exception)
            {
                throw Classify(exception);
            }
        }
    }

    /// <summary>Decides what a failure means for the connections: damage is examined, and a connection that may be broken is reopened.</summary>
    private MemoryStoreException Classify(SqliteException exception)
    {
        MemoryStoreException classified = SqliteFailure.Wrap(exception);
        if (classified.Failure == MemoryFailure.Corrupt)
        {
            Volatile.Write(ref _suspect, true);
        }
        else if (classified.Failure is not (MemoryFailure.Locked or MemoryFailure.Full or MemoryFailure.Rejected))
        {
            Volatile.Write(ref _reopen, true);
        }

        return classified;
    }

    private static MemoryStoreException NotOpen() => new(MemoryFailure.CannotOpen, "the database is not open");
}
