using Npgsql;

namespace FastGate.Memory.Postgres;

/// <summary>The version of the tables, and the upgrades from one version to the next.</summary>
internal static class PostgresSchema
{
    private const int Version = 1;

    /// <summary>
    /// Creates or upgrades the tables; throws for those of a newer release and leaves them unchanged. Of servers that start together one does the
    /// work and the others wait for it. An up-to-date database is only read, so the role needs no right to create anything then.
    /// </summary>
    public static void Upgrade(NpgsqlConnection connection, PostgresTables tables)
    {
        if (Read(connection, tables) == Version)
        {
            return;
        }

        using NpgsqlTransaction transaction = connection.BeginTransaction();
        connection.Execute(tables.ExcludeUpgrades);
        if (Read(connection, tables) < Version)
        {
            connection.Execute(tables.FirstVersion);
        }

        transaction.Commit();
    }

    /// <summary>0 when there are no tables yet.</summary>
    private static int Read(NpgsqlConnection connection, PostgresTables tables)
    {
        int version = connection.Read<bool>(tables.HasVersion) ? connection.Read<int>(tables.Version) : 0;
        return version <= Version ? version : throw new MemoryStoreException(
            MemoryFailure.NewerSchema,
            $"the tables in database {connection.Database} were written by a newer release (schema {version}, this release supports {Version})");
    }
}
