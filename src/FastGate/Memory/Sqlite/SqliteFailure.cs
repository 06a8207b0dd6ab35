using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>Maps SQLite's primary result codes (sqlite.org/rescode.html).</summary>
internal static class SqliteFailure
{
    public static MemoryFailure Of(SqliteException exception) => exception.SqliteErrorCode switch
    {
        5 or 6 => MemoryFailure.Locked,
        8 => MemoryFailure.ReadOnly,
        10 => MemoryFailure.DiskError,
        11 or 26 => MemoryFailure.Corrupt,
        13 => MemoryFailure.Full,
        3 or 14 or 23 => MemoryFailure.CannotOpen,
        18 or 19 or 20 => MemoryFailure.Rejected,
        _ => MemoryFailure.Unknown,
    };

    public static MemoryStoreException Wrap(SqliteException exception) => new(Of(exception), exception.Message, exception);
}
