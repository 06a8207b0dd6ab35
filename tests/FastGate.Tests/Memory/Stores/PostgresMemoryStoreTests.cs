using FastGate.Memory;
using FastGate.Memory.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FastGate.Tests.Memory.Stores;

/// <summary>What only a store that several servers share does.</summary>
[Collection(PostgresTestGroup.Name)]
public sealed class PostgresMemoryStoreTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);

    [PostgresFact]
    public void An_erasure_refuses_the_turns_of_another_server_until_it_knows_of_it()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        using IMemoryStore here = database.Open();
        using IMemoryStore there = database.Open();
        here.Append([Exchange(1, "a"), Exchange(2, "b")]);
        Assert.Equal(1, there.Erase("a"));
        Assert.False(here.Append([Exchange(3, "a"), Exchange(4, "b")]));
        Assert.Equal(["a"], here.TakeErased());
        Assert.Empty(here.TakeErased());
        Assert.Equal([2L], database.Exchanges().Select(static exchange => exchange.Id));

        // The server drops the turns that it began before; later ones are stored.
        Assert.True(here.Append([Exchange(4, "b"), Exchange(5, "a")]));
        Assert.Equal([2L, 4L, 5L], database.Exchanges().Select(static exchange => exchange.Id));

        // An erasure of its own refuses nothing, because the journal has the order of both.
        Assert.Equal(2, here.Erase("b"));
        Assert.True(here.Append([Exchange(6, "b")]));
        Assert.Empty(here.TakeErased());
    }

    [PostgresFact]
    public async Task A_transaction_whose_answer_is_lost_is_repeated_without_doing_it_twice()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        await using var proxy = new LossyProxy(postgres.Server.Port);
        using PostgresMemoryStore store = Create(database.Arguments[2], $";Port={proxy.Port}");
        using IMemoryStore other = database.Open();
        store.Open();
        Repeat(() => Assert.True(store.Append([Exchange(1, "a"), Exchange(2, "b")])));
        Assert.Equal([1L, 2L], database.Exchanges().Select(static exchange => exchange.Id));
        Repeat(
            () => store.Erase("a"),
            () =>
            {
                // It has happened, and another server, which knows of it, has stored a turn since.
                Assert.False(other.Append([Exchange(3, "a")]));
                Assert.Equal(["a"], other.TakeErased());
                Assert.True(other.Append([Exchange(4, "a")]));
            });
        Assert.Equal([2L, 4L], database.Exchanges().Select(static exchange => exchange.Id));
        Assert.True(other.Append([Exchange(5, "a")]));
        Assert.Equal(2, store.Erase("a"));

        void Repeat(Action call, Action? meanwhile = null)
        {
            proxy.LoseNextAnswer();
            Assert.Equal(MemoryFailure.CannotOpen, Assert.Throws<MemoryStoreException>(call).Failure);
            meanwhile?.Invoke();
            store.Open();
            call();
        }
    }

    /// <summary>A server that was frozen executes late what a client has long repeated over another connection.</summary>
    [PostgresFact]
    public void An_append_that_was_sent_before_an_erasure_and_is_executed_after_it_stores_nothing()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        using IMemoryStore store = database.Open();
        store.Erase("a");
        Assert.True(store.Append([Exchange(2, "a")]));
        using NpgsqlConnection connection = postgres.Server.Connect();
        using NpgsqlBatch late = connection.CreateBatch().Then(
            new PostgresTables(database.Arguments[2]).Append,
            PostgresExtensions.Parameter([1L]),
            PostgresExtensions.Parameter(["a"]),
            PostgresExtensions.Parameter(["session"]),
            PostgresExtensions.Parameter([0L]),
            PostgresExtensions.Parameter(["erased"]),
            PostgresExtensions.Parameter(["erased"]),
            PostgresExtensions.Parameter(DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds() * 1_000));
        Assert.Equal(0, late.ExecuteNonQuery());
        Assert.Equal([2L], database.Exchanges().Select(static exchange => exchange.Id));
    }

    [PostgresFact]
    public void A_server_that_starts_after_an_erasure_is_not_concerned_by_it()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        using (IMemoryStore before = database.Open())
        {
            before.Erase("a");
        }

        postgres.Server.Execute($"UPDATE {database.Arguments[2]}erasures SET number=number-2000000");
        using IMemoryStore store = database.Open();
        Assert.Empty(store.TakeErased());
        Assert.True(store.Append([Exchange(1, "a")]));
    }

    [PostgresFact]
    public void A_server_that_could_not_reach_the_database_at_its_start_knows_the_erasures_since_then()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        using IMemoryStore late = database.Create();
        using (IMemoryStore other = database.Open())
        {
            other.Erase("a");
        }

        late.Open();
        Assert.Equal(["a"], late.TakeErased());
    }

    [PostgresFact]
    public void Servers_that_start_together_create_the_tables_once()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        Parallel.For(0, 8, _ =>
        {
            using IMemoryStore store = database.Open();
        });
        using IMemoryStore last = database.Open();
        Assert.True(last.Append([Exchange(1, "a")]));
        Assert.Equal(1L, Scalar($"SELECT count(*) FROM {database.Arguments[2]}schema"));
    }

    [PostgresFact]
    public async Task Tables_of_a_newer_release_are_left_unchanged()
    {
        string prefix = postgres.Server.NewPrefix();
        postgres.Server.Execute($"CREATE TABLE {prefix}schema(version int); INSERT INTO {prefix}schema VALUES(99)");
        await using var memory = new TestMemory(Create(prefix), new MemoryLimits { StopWait = TimeSpan.FromMilliseconds(50) });
        Assert.True(memory.Writer.Health.Degraded);
        Assert.Contains("newer release (schema 99, this release supports 1)", memory.Writer.Health.Reason, StringComparison.Ordinal);
        Assert.Equal(1, memory.Log.Count(4001));
        Assert.Equal(DBNull.Value, Scalar($"SELECT to_regclass('{prefix}turns')::text"));
    }

    [PostgresFact]
    public void A_role_without_the_right_to_create_tables_uses_those_that_exist()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        database.Open().Dispose();
        string prefix = database.Arguments[2];
        postgres.Server.Execute($"CREATE ROLE {prefix}user LOGIN; GRANT SELECT ON {prefix}schema TO {prefix}user");
        postgres.Server.Execute($"GRANT SELECT,INSERT,UPDATE,DELETE ON {prefix}turns,{prefix}summaries,{prefix}erasures TO {prefix}user");
        using PostgresMemoryStore store = Create(prefix, $";Username={prefix}user");
        store.Open();
        Assert.True(store.Append([Exchange(1, "a")]));
        Assert.True(store.SaveSummary("a", new StoredSummary("one", 1, s_at), 0));
        Assert.Equal(1, store.Erase("a"));
        Assert.Equal(0, store.DeleteOlderThan(s_at, 10));
    }

    [PostgresFact]
    public void A_load_reads_the_index_of_the_device()
    {
        using var database = new TemporaryStore(StoreKind.Postgres, postgres);
        using IMemoryStore store = database.Open();
        store.Append([.. Enumerable.Range(1, 2_000).Select(id => Exchange(id, $"device-{id % 50}"))]);
        string prefix = database.Arguments[2];
        postgres.Server.Execute($"ANALYZE {prefix}turns");
        using NpgsqlConnection connection = postgres.Server.Connect();
        using var explain = new NpgsqlCommand($"EXPLAIN SELECT * FROM {prefix}turns WHERE device_id='device-7' ORDER BY id DESC LIMIT 20", connection);
        using NpgsqlDataReader plan = explain.ExecuteReader();
        List<string> lines = [];
        while (plan.Read())
        {
            lines.Add(plan.GetString(0));
        }

        Assert.Contains(lines, line => line.Contains($"{prefix}turns_pkey", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    private PostgresMemoryStore Create(string prefix, string options = "") =>
        new(postgres.Server.ConnectionString + options, prefix, NullLogger<PostgresMemoryStore>.Instance, TimeProvider.System);

    private object? Scalar(string sql)
    {
        using NpgsqlConnection connection = postgres.Server.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    private static StoredExchange Exchange(long id, string deviceId) => new(id, deviceId, "session", s_at, $"user {id}", $"assistant {id}");
}
