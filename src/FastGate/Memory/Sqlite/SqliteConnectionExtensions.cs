using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <summary>Shorthands for statements.</summary>
internal static class SqliteConnectionExtensions
{
    /// <summary>A command whose parameters are to be set by position.</summary>
    public static SqliteCommand Prepare(this SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.Prepare(sql);
        command.ExecuteNonQuery();
    }

    public static long ReadNumber(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.Prepare(sql);
        return command.ExecuteScalar() is long value ? value : 0;
    }

    public static string ReadText(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.Prepare(sql);
        return command.ExecuteScalar() as string ?? "";
    }

    /// <summary>Sets the parameters by position and executes the command.</summary>
    public static int Run(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Bind(values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Sets the parameters by position and opens a reader.</summary>
    public static SqliteDataReader Read(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Bind(values);
        return command.ExecuteReader();
    }

    private static void Bind(this SqliteCommand command, ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
