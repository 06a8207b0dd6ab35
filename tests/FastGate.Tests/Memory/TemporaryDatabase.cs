using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Memory;

/// <summary>A temporary directory for one database, deleted afterwards.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("fastgate-memory-").FullName;

    public string Path => System.IO.Path.Combine(Directory, "data", "fastgate.db");

    /// <summary>Damaged databases that were renamed, without their logs.</summary>
    public string[] MovedAside =>
    [
        .. System.IO.Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, "*.corrupt-*").Where(static file =>
            !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)),
    ];

    public SqliteMemoryStore Store(ILogger<SqliteMemoryStore>? logger = null, TimeProvider? time = null) =>
        new(Path, logger ?? NullLogger<SqliteMemoryStore>.Instance, time ?? TimeProvider.System);

    /// <summary>A connection as another process would have it.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False;Default Timeout=5");
        connection.Open();
        return connection;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
