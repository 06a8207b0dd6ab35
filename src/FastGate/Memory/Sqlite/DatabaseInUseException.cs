namespace FastGate.Memory.Sqlite;

/// <summary>Another server has opened the database.</summary>
internal sealed class DatabaseInUseException(string path, string? holder, Exception inner) : IOException(
    $"Database {path} is in use by another server ({holder ?? "unknown process"}). Stop that server, or set another file with FastGate:Memory:Path.", inner);
