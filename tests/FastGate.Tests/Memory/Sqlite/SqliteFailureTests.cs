using FastGate.Memory;
using FastGate.Memory.Sqlite;
using FastGate.Testing.Conversation;
using Microsoft.Data.Sqlite;

namespace FastGate.Tests.Memory.Sqlite;

/// <summary>A locked, full, missing, damaged or newer database.</summary>
public sealed class SqliteFailureTests
{
    [Fact]
    public async Task A_locked_database_delays_saves_and_loses_none()
    {
        using var database = new TemporaryDatabase();
        await using var memory = new TestMemory(database.Store());
        memory.Say("a", "before");
        await memory.FlushAsync();
        using (SqliteConnection other = database.Connect())
        {
            Run(other, "BEGIN EXCLUSIVE");
            memory.Say("a", "meanwhile");
            await memory.Log.Logged(4001);
            Assert.Contains("Locked", memory.Writer.Health.Reason, StringComparison.Ordinal);
            memory.Say("a", "meanwhile too");
            Assert.Equal(["before", "meanwhile", "meanwhile too"], await memory.WordsAsync("a"));
            Run(other, "ROLLBACK");
        }

        await memory.FlushAsync();
        await memory.Log.Logged(4002);
        Assert.False(memory.Writer.Health.Degraded);
        Assert.Equal(1, memory.Log.Count(4001));
        Assert.Equal(["before", "meanwhile", "meanwhile too"], Words(database));
    }

    [Fact]
    public async Task A_full_disk_delays_saves_and_loses_none()
    {
        using var database = new TemporaryDatabase();
        SqliteMemoryStore store = database.Store();
        store.PageLimit = 20;
        await using var memory = new TestMemory(store);
        string[] said = [.. Enumerable.Range(0, 200).Select(i => $"{i}")];
        foreach (string word in said)
        {
            memory.Say("a", word, new string('x', 1_000));
        }

        await memory.Log.Logged(4001);
        Assert.Contains("Full", memory.Writer.Health.Reason, StringComparison.Ordinal);
        Assert.Equal(said, await memory.WordsAsync("a", 1_000));
        store.PageLimit = 100_000;
        await memory.FlushAsync();
        Assert.Equal(said, Words(database));
        await memory.Log.Logged(4002);
        Assert.False(memory.Writer.Health.Degraded);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_created_does_not_prevent_the_start_and_is_retried()
    {
        using var database = new TemporaryDatabase();
        string directory = Path.GetDirectoryName(database.Path)!;
        File.WriteAllText(directory, "in the way");
        await using var memory = new TestMemory(database.Store());
        Assert.True(memory.Writer.Health.Degraded);
        memory.Say("a", "meanwhile");
        Assert.Equal(["meanwhile"], await memory.WordsAsync("a"));
        File.Delete(directory);
        await memory.FlushAsync();
        Assert.Equal(["meanwhile"], Words(database));
        await memory.Log.Logged(4002);
        Assert.False(memory.Writer.Health.Degraded);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_moved_aside_unchanged()
    {
        using var database = new TemporaryDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        byte[] garbage = new byte[10_000];
        new Random(1).NextBytes(garbage);
        File.WriteAllBytes(database.Path, garbage);
        var log = new RecordingLogger<SqliteMemoryStore>();
        await using var memory = new TestMemory(database.Store(log, new ManualTimeProvider()));
        memory.Say("a", "fresh");
        await memory.FlushAsync();
        Assert.Equal([database.Path + ".corrupt-20261123T083000Z"], database.MovedAside);
        Assert.Equal(garbage, File.ReadAllBytes(database.MovedAside[0]));
        Assert.Equal(1, log.Count(4003));
        Assert.Equal(["fresh"], Words(database));
    }

    [Fact]
    public void Two_files_damaged_in_the_same_second_get_different_names()
    {
        using var database = new TemporaryDatabase();
        var time = new ManualTimeProvider();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        for (int i = 0; i < 2; i++)
        {
            File.WriteAllText(database.Path, new string((char)('a' + i), 5_000));
            using SqliteMemoryStore store = database.Store(time: time);
            store.Open();
            store.Dispose();
        }

        Assert.Equal(["aa", "bb"], database.MovedAside.Select(file => File.ReadAllText(file)[..2]).Order());
    }

    [Fact]
    public async Task A_file_damaged_while_open_is_moved_aside_and_pending_exchanges_go_into_the_new_one()
    {
        using var database = new TemporaryDatabase();
        var log = new RecordingLogger<SqliteMemoryStore>();
        await using var memory = new TestMemory(database.Store(log));
        for (int i = 0; i < 2_000; i++)
        {
            memory.Say("a", $"old {i}", new string('x', 500));
        }

        await memory.FlushAsync();
        using (SqliteConnection other = database.Connect())
        {
            Run(other, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        // Overwrite all but the first page, which holds the header and the schema.
        using (var file = new FileStream(database.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            byte[] noise = new byte[file.Length - 4_096];
            new Random(2).NextBytes(noise);
            file.Position = 4_096;
            file.Write(noise);
        }

        // A write by another connection invalidates the caches, so that the damage is read from the file as on a real disk.
        memory.Say("b", "new");
        await memory.WordsAsync("a", 5_000);
        memory.Say("b", "newer");
        await memory.FlushAsync();
        for (int i = 0; database.MovedAside.Length == 0 && i < 1_000; i++)
        {
            memory.Say("c", $"{i}", new string('y', 500));
            await memory.FlushAsync();
            await memory.WordsAsync("a", 5_000);
        }

        Assert.Single(database.MovedAside);
        Assert.Equal(1, log.Count(4003));
        memory.Say("d", "afterwards");
        await memory.FlushAsync();
        Assert.Equal(["afterwards"], await memory.WordsAsync("d"));
        Assert.False(memory.Writer.Health.Degraded);
    }

    [Fact]
    public void A_healthy_file_is_checked_at_each_report_and_never_moved_aside()
    {
        using var database = new TemporaryDatabase();
        var time = new ManualTimeProvider();
        using SqliteMemoryStore store = database.Store(time: time);
        store.Open();
        store.Append([.. Enumerable.Range(1, 500).Select(id => new StoredExchange(id, "a", "s", time.GetUtcNow(), $"{id}", new string('x', 500)))]);
        for (int report = 0; report < 3; report++)
        {
            using (SqliteConnection other = database.Connect())
            {
                Run(other, "PRAGMA wal_checkpoint(TRUNCATE)");
            }

            // The damage is gone before it is examined: another process has repaired the file.
            byte[] healthy = Overwrite(database.Path, static bytes => new Random(3).NextBytes(bytes));
            Assert.Equal(MemoryFailure.Corrupt, Assert.Throws<MemoryStoreException>(() => store.Load("a", 100)).Failure);
            Overwrite(database.Path, bytes => healthy.CopyTo(bytes));
            store.Open();
            Assert.Equal(100, store.Load("a", 100).Exchanges.Count);
            Assert.Empty(database.MovedAside);
            time.Turn(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task A_database_of_a_newer_release_is_left_unchanged()
    {
        using var database = new TemporaryDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        using (SqliteConnection other = database.Connect())
        {
            Run(other, "CREATE TABLE future(x); PRAGMA user_version=99");
        }

        await using var memory = new TestMemory(database.Store(), new MemoryLimits { StopWait = TimeSpan.FromMilliseconds(50) });
        Assert.True(memory.Writer.Health.Degraded);
        Assert.Contains("newer release", memory.Writer.Health.Reason, StringComparison.Ordinal);
        Assert.Empty(database.MovedAside);
        using SqliteConnection connection = database.Connect();
        Assert.Equal(0L, Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name='turns'"));
    }

    [Fact]
    public async Task A_file_deleted_while_open_is_created_again()
    {
        using var database = new TemporaryDatabase();
        await using var memory = new TestMemory(database.Store());
        memory.Say("a", "gone with the file");
        await memory.FlushAsync();
        File.Delete(database.Path);
        memory.Say("a", "kept");
        await memory.FlushAsync();
        Assert.Equal(["kept"], Words(database));
    }

    /// <summary>Overwrites all but the first page and returns the previous content.</summary>
    private static byte[] Overwrite(string path, Action<byte[]> change)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        byte[] before = new byte[file.Length - 4_096];
        file.Position = 4_096;
        file.ReadExactly(before);
        byte[] after = new byte[before.Length];
        change(after);
        file.Position = 4_096;
        file.Write(after);
        return before;
    }

    private static string[] Words(TemporaryDatabase database)
    {
        using SqliteConnection connection = database.Connect();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT user FROM turns ORDER BY id";
        using SqliteDataReader row = command.ExecuteReader();
        var words = new List<string>();
        while (row.Read())
        {
            words.Add(row.GetString(0));
        }

        return [.. words];
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Run(SqliteConnection connection, string sql) => _ = Scalar(connection, sql);
}
