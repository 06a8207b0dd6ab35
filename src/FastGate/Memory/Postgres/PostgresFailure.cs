using Npgsql;

namespace FastGate.Memory.Postgres;

/// <summary>Maps SQLSTATE codes (postgresql.org/docs/current/errcodes-appendix.html) and failures of the connection.</summary>
internal static class PostgresFailure
{
    public static MemoryFailure Of(string state) => state switch
    {
        // Serialization failure, deadlock, lock not available, a statement that was cancelled.
        "40001" or "40P01" or "55P03" or "57014" => MemoryFailure.Locked,
        "53100" => MemoryFailure.Full,
        "25006" => MemoryFailure.ReadOnly,
        "58030" or "XX001" or "XX002" => MemoryFailure.DiskError,

        // The server starts or stops, has no connection or memory left, refuses the role, lacks the database or a table.
        _ when state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("28", StringComparison.Ordinal) || state.StartsWith("3D", StringComparison.Ordinal)
            || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57", StringComparison.Ordinal) => MemoryFailure.CannotOpen,
        "42501" or "42P01" or "3F000" => MemoryFailure.CannotOpen,

        // The data itself: its encoding, a constraint, a limit of the server.
        _ when state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal) =>
            MemoryFailure.Rejected,
        _ => MemoryFailure.Unknown,
    };

    public static MemoryStoreException Wrap(Exception exception) => exception switch
    {
        MemoryStoreException known => known,
        PostgresException refused => new(Of(refused.SqlState), $"{refused.SqlState}: {refused.MessageText}", refused),
        NpgsqlException { InnerException: TimeoutException } => new(MemoryFailure.Locked, "the database does not answer in time", exception),
        _ => new(MemoryFailure.CannotOpen, exception.InnerException?.Message ?? exception.Message, exception),
    };

    /// <summary>Whether the exception is one of the database, and not a defect here.</summary>
    public static bool Is(Exception exception) =>
        exception is NpgsqlException or MemoryStoreException or IOException or TimeoutException or System.Net.Sockets.SocketException or InvalidOperationException;
}
