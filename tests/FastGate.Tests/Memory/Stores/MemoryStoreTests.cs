using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Memory.Stores;

/// <summary>What every store does.</summary>
[Collection(PostgresTestGroup.Name)]
public sealed class MemoryStoreTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void A_device_reads_its_own_exchanges_unchanged(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
        StoredExchange[] exchanges =
        [
            new(1, "a", "s1", s_at, "你好,今天天气怎么样?", "😀 'quoted' \\ {} and -- not SQL"),
            new(2, "b", "s2", s_at, "other", "device"),
            new(3, "a", "s3", s_at.AddSeconds(1), "", ""),
        ];
        Assert.True(store.Append(exchanges));
        Assert.Equal([exchanges[0], exchanges[2]], store.Load("a", 10).Exchanges);
        Assert.Equal([exchanges[2]], store.Load("a", 1).Exchanges);
        Assert.Equal([exchanges[1]], store.Load("b", 10).Exchanges);
        Assert.Empty(store.Load("A", 10).Exchanges);
        Assert.Empty(store.Load("a", 0).Exchanges);
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void Appending_again_stores_an_exchange_once(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
        StoredExchange[] exchanges = [Exchange(1, "a"), Exchange(2, "a")];
        store.Append(exchanges);
        store.Append([.. exchanges, Exchange(3, "a")]);
        Assert.Equal([.. exchanges, Exchange(3, "a")], store.Load("a", 10).Exchanges);
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void Appending_again_stores_an_exchange_with_a_null_character_once(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
        StoredExchange[] exchanges = [new(1, "a", "s", s_at, "before\0after \ud83d!", "reply\0rest")];
        store.Append(exchanges);
        store.Append(exchanges);
        StoredExchange stored = Assert.Single(store.Load("a", 10).Exchanges);
        Assert.StartsWith("before", stored.User, StringComparison.Ordinal);
        Assert.EndsWith("rest", stored.Assistant, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void Two_processes_that_draw_the_same_id_lose_no_exchange(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore first = database.Open();
        using IMemoryStore second = database.Open();
        first.Append([Exchange(7, "a")]);
        second.Append([Exchange(7, "b")]);
        second.Append([Exchange(7, "b")]);
        Assert.Single(first.Load("a", 10).Exchanges);
        Assert.Single(first.Load("b", 10).Exchanges);

        // Of the same device too, in one transaction with others.
        second.Append([Exchange(6, "a"), Exchange(7, "a") with { User = "another" }, Exchange(9, "a")]);
        Assert.Equal(["user 6", "user 7", "another", "user 9"], first.Load("a", 10).Exchanges.Select(static exchange => exchange.User));
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void A_summary_replaces_only_the_one_it_was_made_from(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
        store.Append([Exchange(1, "a"), Exchange(2, "a"), Exchange(3, "b")]);
        Assert.True(store.SaveSummary("a", new StoredSummary("one", 1, s_at), 0));
        Assert.False(store.SaveSummary("a", new StoredSummary("late", 2, s_at), 0));
        Assert.True(store.SaveSummary("a", new StoredSummary("two", 2, s_at), 1));
        Assert.False(store.SaveSummary("a", new StoredSummary("of another device", 3, s_at), 2));
        Assert.Equal("two", store.Load("a", 10).Summary);
        Assert.Null(store.Load("b", 10).Summary);
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void A_summary_in_progress_does_not_restore_an_erased_device(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
        store.Append([Exchange(1, "a"), Exchange(2, "b")]);
        store.SaveSummary("a", new StoredSummary("of the first", 1, s_at), 0);
        Assert.Equal(1, store.Erase("a"));
        Assert.False(store.SaveSummary("a", new StoredSummary("made from erased exchanges", 1, s_at), 0));
        Assert.Null(store.Load("a", 10).Summary);
        Assert.Single(store.Load("b", 10).Exchanges);
        Assert.Equal(0, store.Erase("a"));
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void Pages_start_after_the_summary_or_an_id(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
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

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public void Old_exchanges_are_deleted_in_batches_and_then_old_summaries(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        using IMemoryStore store = database.Open();
        store.Append([.. Enumerable.Range(0, 10).Select(id => new StoredExchange(id + 1, "a", "s", s_at.AddDays(id), "u", "a"))]);
        store.SaveSummary("a", new StoredSummary("old", 1, s_at), 0);
        Assert.Equal(3, store.DeleteOlderThan(s_at.AddDays(5), 3));
        Assert.NotNull(store.Load("a", 10).Summary);
        Assert.Equal(2, store.DeleteOlderThan(s_at.AddDays(5), 3));
        Assert.Equal(5, store.Load("a", 10).Exchanges.Count);
        Assert.Null(store.Load("a", 10).Summary);
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public async Task Content_and_increasing_ids_survive_a_restart_with_the_clock_set_back(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        long last;
        var later = new ManualTimeProvider();
        later.Turn(TimeSpan.FromDays(365));
        await using (var before = new TestMemory(database.Create(later), time: later))
        {
            last = before.Say("a", "before").Id;
        }

        for (int restart = 1; restart <= 2; restart++)
        {
            var time = new ManualTimeProvider();
            await using var after = new TestMemory(database.Create(time), time: time);
            Assert.Equal(restart, (await after.WordsAsync("a")).Length);
            long next = after.Say("a", $"after {restart}").Id;
            Assert.True(next > last);
            last = next;
        }

        Assert.Equal(["before", "after 1", "after 2"], database.Exchanges().Select(static exchange => exchange.User));
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public async Task Retention_follows_the_clock(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        var time = new ManualTimeProvider();
        await using var memory = new TestMemory(database.Create(time), options: new MemoryOptions { RetentionDays = 30 }, time: time);
        memory.Say("a", "old");
        await memory.FlushAsync();
        time.Turn(TimeSpan.FromDays(31));
        memory.Say("a", "new");
        await memory.FlushAsync();
        Assert.Equal(["new"], await memory.WordsAsync("a"));
    }

    [Theory]
    [ClassData(typeof(StoreKinds))]
    public async Task Many_exchanges_of_many_devices_stay_separate_and_in_order(StoreKind kind)
    {
        using var database = new TemporaryStore(kind, postgres);
        await using var memory = new TestMemory(database.Create(), new MemoryLimits { Pending = 100_000 });
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
}
