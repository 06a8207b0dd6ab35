using FastGate.Memory;
using FastGate.Memory.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FastGate.Tests.Memory.Stores;

/// <summary>A database that is away, full, read-only or frozen: turns wait in the journal and none is lost.</summary>
[Collection(PostgresTestGroup.Name)]
public sealed class PostgresFailureTests(PostgresFixture postgres)
{
    [PostgresFact]
    public async Task A_server_that_stops_delays_saves_and_loses_none()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var memory = new TestMemory(Create(prefix));
        memory.Say("a", "before");
        await memory.FlushAsync();
        postgres.Server.Stop();
        try
        {
            // Found out without a turn to save.
            await memory.Log.Logged(4001);
            memory.Say("a", "meanwhile");
            Assert.Equal(["meanwhile"], await memory.WordsAsync("a"));
        }
        finally
        {
            postgres.Server.Resume();
        }

        await memory.FlushAsync();
        await memory.Log.Logged(4002);
        Assert.False(memory.Writer.Health.Degraded);
        Assert.Equal(1, memory.Log.Count(4001));
        Assert.Equal(1, memory.Log.Count(4002));
        Assert.Equal(["before", "meanwhile"], Words(prefix));

        // After a failed read the next one waits for a shorter time, and is late when the connection takes longer.
        await Eventually(async () => (await memory.WordsAsync("a")).SequenceEqual(["before", "meanwhile"]));
    }

    [PostgresFact]
    public async Task A_server_that_is_away_does_not_prevent_the_start_and_is_retried()
    {
        string prefix = postgres.Server.NewPrefix();
        postgres.Server.Stop();
        TestMemory memory;
        try
        {
            memory = new TestMemory(Create(prefix));
            Assert.Contains("CannotOpen", memory.Writer.Health.Reason, StringComparison.Ordinal);
            memory.Say("a", "meanwhile");
            Assert.Equal(["meanwhile"], await memory.WordsAsync("a"));
        }
        finally
        {
            postgres.Server.Resume();
        }

        await using (memory)
        {
            await memory.FlushAsync();
            Assert.Equal(["meanwhile"], Words(prefix));
        }
    }

    [PostgresFact]
    public async Task Connections_that_are_cut_are_opened_again()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var memory = new TestMemory(Create(prefix));
        List<string> said = [];
        for (int i = 0; i < 5; i++)
        {
            said.Add($"{i}");
            memory.Say("a", said[^1]);
            postgres.Server.CutConnections();
            await memory.FlushAsync();
        }

        Assert.Equal(said, Words(prefix));

        // The reading connection was cut as well; the next read uses another one.
        await Eventually(async () => (await memory.WordsAsync("a")).Length == said.Count);
    }

    [PostgresFact]
    public async Task A_server_that_does_not_answer_delays_saves_and_loses_none()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var memory = new TestMemory(Create(prefix, ";Command Timeout=1;Timeout=1"));
        memory.Say("a", "before");
        await memory.FlushAsync();
        postgres.Server.Freeze();
        try
        {
            memory.Say("a", "meanwhile");
            await memory.Log.Logged(4001);
        }
        finally
        {
            postgres.Server.Thaw();
        }

        await memory.FlushAsync();
        await memory.Log.Logged(4002);
        Assert.Equal(["before", "meanwhile"], Words(prefix));
    }

    [PostgresTheory]
    [InlineData("53100", "full", 2)]
    [InlineData("25006", "read_only", 2)]
    [InlineData("40001", "locked", 2)]
    [InlineData("40P01", "locked", 2)]
    [InlineData("58030", "disk_error", 2)]
    [InlineData("23514", "rejected", 1)]
    public async Task Each_error_of_the_server_is_handled_by_its_kind(string state, string tag, int stored)
    {
        string prefix = postgres.Server.NewPrefix();
        await using var memory = new TestMemory(Create(prefix));
        memory.Say("b", "before");
        await memory.FlushAsync();
        postgres.Server.Execute(
            $"""
            CREATE FUNCTION {prefix}fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'set by the test' USING ERRCODE='{state}'; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON {prefix}turns FOR EACH ROW WHEN (new.device_id='a') EXECUTE FUNCTION {prefix}fail();
            """);
        memory.Say("a", "refused");
        if (tag == "rejected")
        {
            // Skipped, because a repetition cannot succeed.
            await memory.FlushAsync();
            Assert.Equal(1, memory.Log.Count(4006));
            Assert.False(memory.Writer.Health.Degraded);
        }
        else
        {
            await memory.Log.Logged(4001);
            Assert.Contains(tag.Replace("_", "", StringComparison.Ordinal), memory.Writer.Health.Reason, StringComparison.OrdinalIgnoreCase);
            postgres.Server.Execute($"DROP TRIGGER fail ON {prefix}turns");
            await memory.FlushAsync();
            await memory.Log.Logged(4002);
        }

        Assert.Equal(stored, Words(prefix).Length);
    }

    [PostgresFact]
    public async Task A_read_only_server_is_left_for_another_connection()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var memory = new TestMemory(Create(prefix));
        memory.Say("a", "before");
        await memory.FlushAsync();

        // As after a failover, where the address leads to the standby for a while.
        postgres.Server.Execute("ALTER SYSTEM SET default_transaction_read_only=on");
        postgres.Server.Execute("SELECT pg_reload_conf()");
        try
        {
            postgres.Server.CutConnections();
            memory.Say("a", "meanwhile");
            await Eventually(() => Task.FromResult(memory.Writer.Health.Reason?.Contains("ReadOnly", StringComparison.Ordinal) == true));
            await Eventually(async () => (await memory.WordsAsync("a")).SequenceEqual(["before", "meanwhile"]));
        }
        finally
        {
            postgres.Server.Execute("ALTER SYSTEM RESET default_transaction_read_only");
            postgres.Server.Execute("SELECT pg_reload_conf()");
        }

        await memory.FlushAsync();
        Assert.Equal(["before", "meanwhile"], Words(prefix));
    }

    [Theory]
    [InlineData("57P01", MemoryFailure.CannotOpen)]
    [InlineData("57P03", MemoryFailure.CannotOpen)]
    [InlineData("08006", MemoryFailure.CannotOpen)]
    [InlineData("28P01", MemoryFailure.CannotOpen)]
    [InlineData("3D000", MemoryFailure.CannotOpen)]
    [InlineData("42501", MemoryFailure.CannotOpen)]
    [InlineData("53300", MemoryFailure.CannotOpen)]
    [InlineData("55P03", MemoryFailure.Locked)]
    [InlineData("57014", MemoryFailure.Locked)]
    [InlineData("XX001", MemoryFailure.DiskError)]
    [InlineData("22021", MemoryFailure.Rejected)]
    [InlineData("54000", MemoryFailure.Rejected)]
    [InlineData("42601", MemoryFailure.Unknown)]
    internal void A_state_has_a_kind(string state, MemoryFailure kind) => Assert.Equal(kind, PostgresFailure.Of(state));

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TestMemory.Timeout);
        while (!await condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private PostgresMemoryStore Create(string prefix, string options = "") =>
        new(postgres.Server.ConnectionString + options, prefix, NullLogger<PostgresMemoryStore>.Instance, TimeProvider.System);

    private string[] Words(string prefix)
    {
        using NpgsqlConnection connection = postgres.Server.Connect();
        using var command = new NpgsqlCommand($"SELECT user_text FROM {prefix}turns ORDER BY id", connection);
        using NpgsqlDataReader row = command.ExecuteReader();
        List<string> words = [];
        while (row.Read())
        {
            words.Add(row.GetString(0));
        }

        return [.. words];
    }
}
