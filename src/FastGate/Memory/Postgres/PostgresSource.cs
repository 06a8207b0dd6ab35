using Npgsql;

namespace FastGate.Memory.Postgres;

/// <summary>Opens connections as the operator's connection string says, with limits where it names none.</summary>
internal sealed class PostgresSource : IDisposable
{
    private const string ApplicationName = "fastgate";

    // An unreachable server must be noticed before the journal is full, and its return within seconds.
    private const int ConnectSeconds = 3;
    private const int CommandSeconds = 10;

    private readonly NpgsqlDataSource _source;

    /// <summary>Throws <see cref="ArgumentException"/> for a text that is not a connection string.</summary>
    public PostgresSource(string connectionString)
    {
        // The slim builder keeps types that are not used here out of the native program.
        var builder = new NpgsqlSlimDataSourceBuilder(connectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();

        // The types of this store are known without asking the server.
        builder.ConfigureTypeLoading(static loading => loading.EnableTypeLoading(false));
        NpgsqlConnectionStringBuilder settings = builder.ConnectionStringBuilder;
        if (string.IsNullOrWhiteSpace(settings.Host))
        {
            throw new ArgumentException("it names no host", nameof(connectionString));
        }

        // Two connections stay open; each belongs to a thread.
        settings.Pooling = false;
        settings.ApplicationName ??= ApplicationName;
        SetDefault(settings, "Timeout", ConnectSeconds);
        SetDefault(settings, "Command Timeout", CommandSeconds);
        SetDefault(settings, "GSS Encryption Mode", GssEncryptionMode.Disable);
        if (settings.Host.Contains(',', StringComparison.Ordinal))
        {
            SetDefault(settings, "Target Session Attributes", "primary");
        }

        Name = $"PostgreSQL {settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}";
        _source = builder.Build();
    }

    /// <summary>Where the database is, without secrets.</summary>
    public string Name { get; }

    public NpgsqlConnection Connect() => _source.OpenConnection();

    public void Dispose() => _source.Dispose();

    private static void SetDefault(NpgsqlConnectionStringBuilder settings, string keyword, object value)
    {
        if (!settings.ShouldSerialize(keyword))
        {
            settings[keyword] = value;
        }
    }
}
