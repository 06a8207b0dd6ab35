using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Memory.Sqlite;
using FastGate.Testing.Conversation;
using Microsoft.Data.Sqlite;

namespace FastGate.Tests.Memory.Sqlite;

public sealed class SqliteMemoryStoreTests
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);

    [Fact]
    public void A_device_reads_its_own_exchanges_unchanged()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        StoredExchange[] exchanges =
        [
            new(1, "a", "s1", s_at, "你好,今天天气怎么样?", "😀 'quoted' \0 and -- not SQL"),
            new(2, "b", "s2", s_at, "other", "device"),
            new(3, "a", "s3", s_at.AddSeconds(1), "", ""),
        ];
        store.Append(exchanges);
        Assert.Equal([exchanges[0], exchanges[2]], store.Load("a", 10).Exchanges);
        Assert.Equal([exchanges[2]], store.Load("a", 1).Exchanges);
        Assert.Equal([exchanges[1]], store.Load("b", 10).Exchanges);
        Assert.Empty(store.Load("A", 10).Exchanges);
        Assert.Empty(store.Load("a", 0).Exchanges);
    }

    [Fact]
    public void Appending_again_stores_an_exchange_once()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        StoredExchange[] exchanges = [Exchange(1, "a"), Exchange(2, "a")];
        store.Append(exchanges);
        store.Append(exchanges);
        Assert.Equal(exchanges, store.Load("a", 10).Exchanges);
    }

    [Fact]
    public void Appending_again_stores_an_exchange_with_a_null_character_once()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        StoredExchange[] exchanges = [new(1, "a", "s", s_at, "before\0after", "reply\0rest")];
        store.Append(exchanges);
        store.Append(exchanges);
        Assert.Equal(exchanges, store.Load("a", 10).Exchanges);
    }

    [Fact]
    public void Two_processes_that_draw_the_same_id_lose_no_exchange()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore first = database.Store();
        using SqliteMemoryStore second = database.Store();
        first.Open();
        second.Open();
        first.Append([Exchange(7, "a")]);
        second.Append([Exchange(7, "b")]);
        second.Append([Exchange(7, "b")]);
        Assert.Single(first.Load("a", 10).Exchanges);
        Assert.Single(first.Load("b", 10).Exchanges);
    }

    [Fact]
    public void Other_processes_read_the_file_while_it_is_open()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([Exchange(1, "a")]);
        using SqliteConnection other = database.Connect();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "SELECT typeof(user)||' '||typeof(assistant)||' '||user FROM turns";
        Assert.Equal("text text user 1", command.ExecuteScalar());
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
        command.CommandText = "EXPLAIN QUERY PLAN SELECT id FROM turns WHERE device_id='a' ORDER BY id DESC LIMIT 5";
        using SqliteDataReader plan = command.ExecuteReader();
        Assert.True(plan.Read());
        Assert.Contains("turns_by_device", plan.GetString(3), StringComparison.Ordinal);
        Assert.False(plan.Read());
    }

    [Fact]
    public void A_summary_replaces_only_the_one_it_was_made_from()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([Exchange(1, "a"), Exchange(2, "a"), Exchange(3, "b")]);
        Assert.True(store.SaveSummary("a", new StoredSummary("one", 1, s_at), 0));
        Assert.False(store.SaveSummary("a", new StoredSummary("late", 2, s_at), 0));
        Assert.True(store.SaveSummary("a", new StoredSummary("two", 2, s_at), 1));
        Assert.False(store.SaveSummary("a", new StoredSummary("of another device", 3, s_at), 2));
        Assert.Equal("two", store.Load("a", 10).Summary);
        Assert.Null(store.Load("b", 10).Summary);
    }

    [Fact]
    public void A_summary_in_progress_does_not_restore_an_erased_device()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([Exchange(1, "a"), Exchange(2, "b")]);
        Assert.Equal(1, store.Erase("a"));
        Assert.False(store.SaveSummary("a", new StoredSummary("made from erased exchanges", 1, s_at), 0));
        Assert.Equal(DeviceMemory.Empty.Summary, store.Load("a", 10).Summary);
        Assert.Single(store.Load("b", 10).Exchanges);
    }

    [Fact]
    public void Erased_content_is_in_no_file()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([new StoredExchange(1, "a", "s", s_at, "an unmistakable secret", "-"), Exchange(2, "b")]);
        Assert.Contains(Files(database), bytes => bytes.AsSpan().IndexOf("unmistakable"u8) >= 0);
        store.Erase("a");
        Assert.DoesNotContain(Files(database), bytes => bytes.AsSpan().IndexOf("unmistakable"u8) >= 0);
    }

    [Fact]
    public void Pages_start_after_the_summary_or_an_id()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([.. Enumerable.Range(1, 5).Select(id => Exchange(id, "a"))]);
        store.SaveSummary("a", new StoredSummary("two", 2, s_at), 0);
        MemoryPage page = store.ReadAfter("a", null, 2);
        Assert.Equal([3L, 4L], page.Exchanges.Select(static exchange => exchange.Id));
        Assert.Equal(new StoredSummary("two", 2, s_at), page.Summary);
        Assert.True(page.More);
        page = store.ReadAfter("a", 4, 2);
        Assert.Equal([5L], page.Exchanges.Select(static exchange => exchange.Id));
        Assert.False(page.More);
    }

    [Fact]
    public void Old_exchanges_are_deleted_in_batches_and_then_old_summaries()
    {
        using var database = new TemporaryDatabase();
        using SqliteMemoryStore store = database.Store();
        store.Open();
        store.Append([.. Enumerable.Range(0, 10).Select(id => new StoredExchange(id + 1, "a", "s", s_at.AddDays(id), "u", "a"))]);
        store.SaveSummary("a", new StoredSummary("old", 1, s_at), 0);
        Assert.Equal(3, store.DeleteOlderThan(s_at.AddDays(5), 3));
        Assert.NotNull(store.Load("a", 10).Summary);
        Assert.Equal(2, store.DeleteOlderThan(s_at.AddDays(5), 3));
        Assert.Equal(5, store.Load("a", 10).Exchanges.Count);
        Assert.Null(store.Load("a", 10).Summary);
    }

    [Fact]
    public async Task Content_and_increasing_ids_survive_a_restart_with_the_clock_set_back()
    {
        using var database = new TemporaryDatabase();
        long last;
        var later = new ManualTimeProvider();
        later.Turn(TimeSpan.FromDays(365));
        await using (var before = new TestMemory(database.Store(), time: later))
        {
            last = before.Say("a", "before").Id;
        }

        await using var after = new TestMemory(database.Store(), time: new ManualTimeProvider());
        Assert.True(after.Say("a", "after").Id > last);
        Assert.Equal(["before", "after"], await after.WordsAsync("a"));
    }

    [Fact]
    public async Task Retention_follows_the_clock()
    {
        using var database = new TemporaryDatabase();
        var time = new ManualTimeProvider();
        await using var memory = new TestMemory(database.Store(), options: new MemoryOptions { RetentionDays = 30 }, time: time);
        memory.Say("a", "old");
        await memory.FlushAsync();
        time.Turn(TimeSpan.FromDays(31));
        memory.Say("a", "new");
        await memory.FlushAsync();
        Assert.Equal(["new"], await memory.WordsAsync("a"));
    }

    [Fact]
    public async Task A_hundred_thousand_exchanges_of_a_thousand_devices_stay_separate_and_in_order()
    {
        using var database = new TemporaryDatabase();
        await using var memory = new TestMemory(database.Store(), new MemoryLimits { Pending = 100_000 });
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 25_000; i++)
            {
                memory.Say(string.Create(CultureInfo.InvariantCulture, $"device-{worker}-{i % 250}"), $"{worker} {i}", "an answer of ordinary length");
            }
        });
        await memory.FlushAsync();
        Assert.Equal(100_000, memory.Writer.Status.Stored);
        for (int worker = 0; worker < 4; worker++)
        {
            for (int device = 0; device < 250; device++)
            {
                string[] words = await memory.WordsAsync($"device-{worker}-{device}", 1_000);
                Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{worker} {(i * 250) + device}"), words);
            }
        }
    }

    private static StoredExchange Exchange(long id, string deviceId) => new(id, deviceId, "session", s_at, $"user {id}", $"assistant {id}");

    private static IEnumerable<byte[]> Files(TemporaryDatabase database) =>
        Directory.GetFiles(Path.GetDirectoryName(database.Path)!).Select(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
}
