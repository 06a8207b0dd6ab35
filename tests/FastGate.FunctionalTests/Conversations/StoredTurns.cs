using Microsoft.Data.Sqlite;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Reads the database as sqlite3 does, while the server runs or after it ended.</summary>
internal static class StoredTurns
{
    /// <summary>Returns the user's words and the reply of every turn, in order, by device.</summary>
    public static ILookup<string, (string User, string Assistant)> Read(string path)
    {
        using SqliteConnection connection = Open(path, SqliteOpenMode.ReadOnly);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT device_id, user, assistant FROM turns ORDER BY id";
        using SqliteDataReader reader = command.ExecuteReader();
        List<(string Device, string User, string Assistant)> rows = [];
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }

        return rows.ToLookup(static row => row.Device, static row => (row.User, row.Assistant));
    }

    /// <summary>Returns <c>ok</c>, or the errors of the file.</summary>
    public static string Check(string path)
    {
        using SqliteConnection connection = Open(path, SqliteOpenMode.ReadWrite);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }

    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
