using System.Globalization;
using FastGate.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Sqlite;

/// <summary>
/// Memory in one SQLite file. Write-ahead log with <c>synchronous=NORMAL</c>: what is committed outlives the process whatever kills it;
/// only a machine that loses power may lose the last moments. Others may read the file while it runs. A damaged file is
/// renamed and never written again.
/// </summary>
internal sealed partial class SqliteMemoryStore : IMemoryStore
{
    // Waiting longer for a lock only delays the journal's own retries.
    private const int LockWaitSeconds = 1;

    // Longer than any retry takes to come upon the same damage again.
    private static readonly TimeSpan s_believedAgainWithin = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    // The reading connection may be taken away by the writer's thread while it heals the file; a read holds this meanwhile.
    private readonly Lock _readGate = new();
    private SqliteReading? _reading;

    // Set by either thread: the file was found damaged.
    private bool _suspect;

    // The writer thread's own.
    private SqliteWriting? _writing;
    private bool _reopen;
    private DateTimeOffset? _foundSoundAt;
    private bool _told;
    private long _pageLimit;

    static SqliteMemoryStore() => SQLitePCL.Batteries_V2.Init();

    public SqliteMemoryStore(string path, ILogger<SqliteMemoryStore> logger, TimeProvider time)
    {
        _path = Path.GetFullPath(path);
        _logger = logger;
        _time = time;
    }

    public bool Keeps => true;

    public long LastId { get; private set; }

    /// <summary>Pages the file may have, 0 for no limit; in force from the next <see cref="Open"/>. A full disk at a size of one's choice.</summary>
    public long PageLimit
    {
        get => Volatile.Read(ref _pageLimit);
        set
        {
            Volatile.Write(ref _pageLimit, value);
            Volatile.Write(ref _reopen, true);
        }
    }

    public void Open()
    {
        // A file that was deleted under us would still take what we write, and nobody would ever see it again.
        bool sound = _writing is not null && !Volatile.Read(ref _reopen) && !Volatile.Read(ref _suspect) && File.Exists(_path);
        if (sound)
        {
            return;
        }

        try
        {
            Close();
            Volatile.Write(ref _reopen, false);
            if (Volatile.Read(ref _suspect) && IsDamaged(out string finding))
            {
                SetAside(finding);
            }

            Volatile.Write(ref _suspect, false);
            OpenCore();
        }
        catch (SqliteException exception) when (SqliteFailure.Of(exception) == MemoryFailure.Corrupt)
        {
            Close();
            SetAside(exception.Message);
            Volatile.Write(ref _suspect, false);
            Guarded(OpenCore);
        }
        catch (SqliteException exception)
        {
            Close();
            throw SqliteFailure.Wrap(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Close();
            throw new MemoryStoreException(MemoryFailure.CannotOpen, exception.Message, exception);
        }
        catch
        {
            Close();
            throw;
        }
    }

    public void Dispose() => Close();

    private void OpenCore()
    {
        if (Path.GetDirectoryName(_path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        SqliteConnection connection = Connect();
        try
        {
            SqliteSchema.Text(connection, "PRAGMA journal_mode=WAL");
            SqliteSchema.Execute(connection, "PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096");
            SqliteSchema.Execute(connection, "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=33554432");
            if (PageLimit > 0)
            {
                SqliteSchema.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={PageLimit}"));
            }

            SqliteSchema.Upgrade(connection);
            LastId = SqliteSchema.Scalar(connection, "SELECT max(id) FROM turns");
            var reading = new SqliteReading(Connect());
            _writing = new SqliteWriting(connection);
            lock (_readGate)
            {
                _reading = reading;
            }
        }
        catch
        {
            if (_writing is null)
            {
                connection.Dispose();
            }

            throw;
        }

        if (!_told)
        {
            _told = true;
            _logger.MemoryOpened(_path);
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = LockWaitSeconds,
        }.ToString());
        connection.Open();
        return connection;
    }

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

    /// <summary>
    /// One report of damage is checked, because another process may have healed the file already and a good one must not be put
    /// away; a second soon after is believed, or the two would go on for ever.
    /// </summary>
    private bool IsDamaged(out string finding)
    {
        finding = "damage was reported again";
        DateTimeOffset now = _time.GetUtcNow();
        if (_foundSoundAt is { } before && now - before < s_believedAgainWithin)
        {
            return true;
        }

        try
        {
            using SqliteConnection connection = Connect();
            finding = SqliteSchema.Text(connection, "PRAGMA quick_check(1)");
            _foundSoundAt = now;
            return !string.Equals(finding, "ok", StringComparison.Ordinal);
        }
        catch (SqliteException exception) when (SqliteFailure.Of(exception) == MemoryFailure.Corrupt)
        {
            finding = exception.Message;
            return true;
        }
    }

    private void SetAside(string reason)
    {
        string stamp = _time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string target = $"{_path}.corrupt-{stamp}";
        for (int again = 2; File.Exists(target) || File.Exists(target + "-wal") || File.Exists(target + "-shm"); again++)
        {
            target = string.Create(CultureInfo.InvariantCulture, $"{_path}.corrupt-{stamp}-{again}");
        }

        // The log first: it belongs to this file, and a stop in between must not leave it beside the new one.
        foreach (string suffix in (ReadOnlySpan<string>)["-wal", "-shm", ""])
        {
            if (File.Exists(_path + suffix))
            {
                File.Move(_path + suffix, target + suffix, overwrite: false);
            }
        }

        _foundSoundAt = null;
        _logger.MemorySetAside(_path, reason, target);
    }

    private static void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (SqliteException exception)
        {
            throw SqliteFailure.Wrap(exception);
        }
    }

    /// <summary>What a failure means for the connections: damage is looked into, and what may be gone is opened anew.</summary>
    private MemoryStoreException Sort(SqliteException exception)
    {
        MemoryStoreException sorted = SqliteFailure.Wrap(exception);
        switch (sorted.Failure)
        {
            case MemoryFailure.Corrupt:
                Volatile.Write(ref _suspect, true);
                break;
            case MemoryFailure.Locked or MemoryFailure.Full or MemoryFailure.Rejected:
                break;
            default:
                Volatile.Write(ref _reopen, true);
                break;
        }

        return sorted;
    }
}
