using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Memory;

public sealed class MemoryWriterTests
{
    [Fact]
    public async Task Flushed_exchanges_are_stored_in_order()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        for (int i = 0; i < 1_000; i++)
        {
            memory.Say($"device-{i % 10}", $"{i}");
        }

        await memory.FlushAsync();
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i}"), store.Exchanges.Select(static exchange => exchange.User));
        Assert.Equal(0, memory.Writer.Status.Pending);
        Assert.Equal(0, memory.Writer.Status.PendingBytes);
        Assert.Equal(1_000, memory.Writer.Status.Stored);
    }

    [Fact]
    public async Task Exchanges_are_committed_without_a_flush()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        memory.Say("a", "hello");
        await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
    }

    [Fact]
    public async Task Exchanges_that_arrive_together_share_a_commit()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        store.BlockWrites();
        memory.Say("a", "first");
        await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
        for (int i = 0; i < 500; i++)
        {
            memory.Say("a", $"{i}");
        }

        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal([1, 500], store.Commits);
    }

    [Fact]
    public async Task A_full_journal_refuses_the_newest_and_logs_once_per_burst()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { Pending = 100 });
        store.BlockWrites();
        for (int i = 0; i < 100; i++)
        {
            memory.Say("a", $"{i}");
        }

        for (int i = 0; i < 50; i++)
        {
            Assert.False(memory.Writer.TryAppend(memory.Exchange("a", "too much")));
        }

        Assert.Equal(50, memory.Writer.Status.Refused);
        Assert.Equal(1, memory.Log.Count(4004));
        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), store.Exchanges.Select(static exchange => exchange.User));
        memory.Say("a", "room again");
        Assert.Equal(1, memory.Log.Count(4005));
    }

    [Fact]
    public async Task The_limit_of_bytes_holds_while_the_disk_is_blocked()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { PendingBytes = 1 << 20 });
        store.BlockWrites();
        int accepted = 0;
        for (int i = 0; i < 1_000; i++)
        {
            accepted += memory.Writer.TryAppend(memory.Exchange("a", $"{i}", new string('x', 10_000))) ? 1 : 0;
        }

        Assert.InRange(accepted, 45, 52);
        Assert.InRange(memory.Writer.Status.PendingBytes, 0, 1 << 20);
        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(accepted, store.Exchanges.Count);
    }

    [Fact]
    public async Task Failed_saves_are_retried()
    {
        var store = new FakeMemoryStore { Failure = MemoryFailure.Full };
        await using var memory = new TestMemory(store);
        memory.Say("a", "1");
        await memory.Log.Logged(4001);
        Assert.True(memory.Writer.Health.Degraded);
        Assert.Contains("Full", memory.Writer.Health.Reason, StringComparison.Ordinal);
        memory.Say("a", "2");
        Assert.Equal(["1", "2"], await memory.WordsAsync("a"));
        for (int i = 0; i < 5; i++)
        {
            await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
        }

        store.Failure = null;
        await memory.FlushAsync();
        await memory.Log.Logged(4002);
        Assert.False(memory.Writer.Health.Degraded);
        Assert.Equal(["1", "2"], store.Exchanges.Select(static exchange => exchange.User));
        Assert.Equal(1, memory.Log.Count(4001));
        Assert.Equal(1, memory.Log.Count(4002));
    }

    [Fact]
    public async Task A_rejected_exchange_does_not_prevent_others_from_being_stored()
    {
        var store = new FakeMemoryStore { Rejects = static exchange => exchange.User == "bad" };
        await using var memory = new TestMemory(store);
        memory.Say("a", "before");
        memory.Say("a", "bad");
        memory.Say("a", "after");
        await memory.FlushAsync();
        Assert.Equal(["before", "after"], store.Exchanges.Select(static exchange => exchange.User));
        Assert.Equal(1, memory.Log.Count(4006));
        Assert.False(memory.Writer.Health.Degraded);
    }

    [Fact]
    public async Task Stopping_saves_pending_exchanges_and_refuses_new_ones()
    {
        var store = new FakeMemoryStore();
        var memory = new TestMemory(store, new MemoryLimits { GroupWindow = TestMemory.Timeout });
        for (int i = 0; i < 10_000; i++)
        {
            memory.Say("a", $"{i}");
        }

        await memory.DisposeAsync();
        Assert.Equal(10_000, store.Exchanges.Count);
        Assert.True(store.Disposed);
        Assert.False(memory.Writer.TryAppend(memory.Exchange("a", "late")));
    }

    [Fact]
    public async Task Stopping_with_a_failing_store_ends_within_its_timeout_and_logs_the_loss()
    {
        var store = new FakeMemoryStore { Failure = MemoryFailure.DiskError };
        var memory = new TestMemory(store, new MemoryLimits { StopWait = TimeSpan.FromMilliseconds(50) });
        memory.Say("a", "lost");
        Task flush = memory.Writer.FlushAsync(CancellationToken.None);
        await memory.DisposeAsync();
        await Assert.ThrowsAsync<MemoryStoreException>(() => flush.WaitAsync(TestMemory.Timeout));
        Assert.Equal(1, memory.Log.Count(4007));
        await Assert.ThrowsAsync<MemoryStoreException>(() => memory.Writer.FlushAsync(CancellationToken.None).WaitAsync(TestMemory.Timeout));
        Assert.Equal(["lost"], await memory.WordsAsync("a"));
    }

    [Fact]
    public async Task Without_a_provider_nothing_is_stored()
    {
        await using var memory = new TestMemory(new NullMemoryStore());
        memory.Say("a", "forgotten");
        await memory.FlushAsync();
        Assert.Empty(await memory.WordsAsync("a"));
        Assert.Equal(0, await memory.Writer.EraseAsync("a", CancellationToken.None));
        Assert.Equal(0, memory.Writer.Status.Pending);
        Assert.False(memory.Writer.Status.Enabled);
        Assert.False(memory.Writer.Health.Degraded);
    }

    [Fact]
    public async Task A_changed_retention_applies_at_once()
    {
        var time = new ManualTimeProvider();
        var store = new FakeMemoryStore();
        store.Append([
            new StoredExchange(1, "a", "s", time.GetUtcNow().AddDays(-8), "old", "-"),
            new StoredExchange(2, "a", "s", time.GetUtcNow().AddDays(-2), "newer", "-"),
        ]);
        await using var memory = new TestMemory(store, time: time);
        await memory.FlushAsync();
        Assert.Equal(2, store.Exchanges.Count);
        foreach ((int days, int left) in ((int, int)[])[(7, 1), (1, 0)])
        {
            memory.Writer.Apply(new MemoryOptions { RetentionDays = days });
            using var timeout = new CancellationTokenSource(TestMemory.Timeout);
            while (store.Exchanges.Count > left)
            {
                await Task.Delay(1, timeout.Token);
            }

            Assert.Equal(left, store.Exchanges.Count);
        }
    }

    [Fact]
    public async Task Old_exchanges_are_deleted_at_the_start_and_as_time_passes()
    {
        var time = new ManualTimeProvider();
        var store = new FakeMemoryStore();
        store.Append([
            new StoredExchange(1, "a", "s", time.GetUtcNow().AddDays(-8), "too old", "-"),
            new StoredExchange(2, "a", "s", time.GetUtcNow().AddDays(-6), "not yet", "-"),
        ]);
        await using var memory = new TestMemory(store, new MemoryLimits { RetentionBatch = 1 }, new MemoryOptions { RetentionDays = 7 }, time);
        memory.Say("a", "new");
        await memory.FlushAsync();
        Assert.Equal(["not yet", "new"], store.Exchanges.Select(static exchange => exchange.User));

        time.Turn(TimeSpan.FromDays(2));
        await memory.FlushAsync();
        memory.Say("a", "newer");
        await memory.FlushAsync();
        Assert.Equal(["new", "newer"], store.Exchanges.Select(static exchange => exchange.User));
    }
}
