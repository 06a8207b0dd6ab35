using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace FastGate.Http.Admin;

/// <summary>
/// Keeps the answers of acts in the database of the memory over the end of the process. Throws <see cref="Memory.MemoryStoreException"/> when it cannot.
/// Any thread.
/// </summary>
/// <param name="path">The database; null keeps nothing.</param>
internal sealed class ActStore(string? path)
{
    // An act should not wait longer for another writer than its operator would.
    private const int LockTimeoutSeconds = 1;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS admin_acts(
          key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER, content_type TEXT, body BLOB, target TEXT) WITHOUT ROWID;
        """;

    private readonly SqliteFile? _file = path is null ? null : new SqliteFile(path, Schema, LockTimeoutSeconds);

    /// <summary>The acts that began after a time, oldest first.</summary>
    public IReadOnlyList<KeptAct> Load(DateTimeOffset after) => _file?.Read(
        "admin_acts",
        "SELECT key,fingerprint,at,status,content_type,body,target FROM admin_acts WHERE at>@after ORDER BY at",
        ActOf,
        ("@after", after.ToUnixTimeMilliseconds())) ?? [];

    /// <summary>An act begins. Deletes those that began up to <paramref name="before"/>, and the oldest beyond <paramref name="most"/>.</summary>
    public void Begin(KeptAct act, DateTimeOffset before, int most) => _file?.Write(connection =>
    {
        connection.Execute("DELETE FROM admin_acts WHERE at<=@before", ("@before", before.ToUnixTimeMilliseconds()));
        connection.Execute(
            "INSERT OR REPLACE INTO admin_acts(key,fingerprint,at) VALUES(@key,@fingerprint,@at)",
            ("@key", act.Key), ("@fingerprint", act.Fingerprint), ("@at", act.At.ToUnixTimeMilliseconds()));
        connection.Execute(
            "DELETE FROM admin_acts WHERE key IN (SELECT key FROM admin_acts ORDER BY at DESC LIMIT -1 OFFSET @most)", ("@most", most));
    });

    /// <summary>An act was answered; without an answer that is kept, it may run again.</summary>
    public void End(string key, AdminAnswer? answer) => _file?.Write(connection =>
    {
        if (answer is null)
        {
            connection.Execute("DELETE FROM admin_acts WHERE key=@key", ("@key", key));
            return;
        }

        connection.Execute(
            "UPDATE admin_acts SET status=@status,content_type=@type,body=@body,target=@target WHERE key=@key",
            ("@status", answer.Status),
            ("@type", (object?)answer.ContentType ?? DBNull.Value),
            ("@body", answer.Body.ToArray()),
            ("@target", (object?)answer.Target ?? DBNull.Value),
            ("@key", key));
    });

    private static KeptAct ActOf(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
        row.IsDBNull(3) ? null : new AdminAnswer(row.GetInt32(3), TextOrNull(row, 4), row.GetFieldValue<byte[]>(5)) { Target = TextOrNull(row, 6) });

    private static string? TextOrNull(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
