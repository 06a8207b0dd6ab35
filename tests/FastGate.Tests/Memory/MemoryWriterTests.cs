using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Testing;

namespace FastGate.Tests.Memory;

public class MemoryWriterTests
{
    [Fact]
    public async Task What_is_flushed_is_kept_in_order()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        for (int i = 0; i < 1_000; i++)
        {
            memory.Say($"device-{i % 10}", $"{i}");
        }

        await memory.FlushAsync();
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i}"), store.Turns.Select(turn => turn.User));
        Assert.Equal(0, memory.Writer.Status.Pending);
        Assert.Equal(0, memory.Writer.Status.PendingBytes);
        Assert.Equal(1_000, memory.Writer.Status.Stored);
    }

    [Fact]
    public async Task Turns_are_committed_without_anybody_asking()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        memory.Say("a", "hello");
        await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
    }

    [Fact]
    public async Task Turns_that_come_together_share_a_commit()
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
    public async Task A_reconnect_sees_turns_that_are_not_committed_yet()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        memory.Say("a", "kept");
        memory.Say("b", "another's");
        await memory.FlushAsync();
        store.BlockWrites();
        memory.Say("a", "in flight");
        memory.Say("a", "waiting");
        Assert.Equal(["kept", "in flight", "waiting"], await memory.WordsAsync("a"));
        Assert.Equal(["in flight", "waiting"], await memory.WordsAsync("a", 2));
        Assert.Equal(["another's"], await memory.WordsAsync("b"));
        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(["kept", "in flight", "waiting"], await memory.WordsAsync("a"));
    }

    [Fact]
    public async Task A_read_during_commits_never_misses_or_doubles_a_turn()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { GroupWindow = TimeSpan.Zero, Batch = 3 });
        for (int i = 0; i < 2_000; i++)
        {
            memory.Say("a", $"{i}");
            if (i % 20 == 0)
            {
                Assert.Equal(Enumerable.Range(Math.Max(0, i - 9), Math.Min(10, i + 1)).Select(n => $"{n}"), await memory.WordsAsync("a", 10));
            }
        }
    }

    [Fact]
    public async Task The_bound_of_turns_refuses_the_newest_and_says_so_once_per_burst()
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
            Assert.False(memory.Writer.TryAppend(memory.Turn("a", "too much")));
        }

        Assert.Equal(50, memory.Writer.Status.Refused);
        Assert.Equal(1, memory.Log.Count(4004));
        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), store.Turns.Select(turn => turn.User));
        memory.Say("a", "room again");
        Assert.Equal(1, memory.Log.Count(4005));
    }

    [Fact]
    public async Task The_bound_of_bytes_holds_while_the_disk_stands_still()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { PendingBytes = 1 << 20 });
        store.BlockWrites();
        int accepted = 0;
        for (int i = 0; i < 1_000; i++)
        {
            accepted += memory.Writer.TryAppend(memory.Turn("a", $"{i}", new string('x', 10_000))) ? 1 : 0;
        }

        Assert.InRange(accepted, 45, 52);
        Assert.InRange(memory.Writer.Status.PendingBytes, 0, 1 << 20);
        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(accepted, store.Turns.Count);
    }

    [Fact]
    public async Task Failing_saves_wait_and_are_tried_again()
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
        Assert.Equal(["1", "2"], store.Turns.Select(turn => turn.User));
        Assert.Equal(1, memory.Log.Count(4001));
        Assert.Equal(1, memory.Log.Count(4002));
    }

    [Fact]
    public async Task One_turn_the_store_will_not_take_keeps_no_other_out()
    {
        var store = new FakeMemoryStore { Rejects = turn => turn.User == "bad" };
        await using var memory = new TestMemory(store);
        memory.Say("a", "before");
        memory.Say("a", "bad");
        memory.Say("a", "after");
        await memory.FlushAsync();
        Assert.Equal(["before", "after"], store.Turns.Select(turn => turn.User));
        Assert.Equal(1, memory.Log.Count(4006));
        Assert.False(memory.Writer.Health.Degraded);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_delays_a_load_by_its_bound_only()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { LoadWait = TimeSpan.FromMilliseconds(20) });
        memory.Say("a", "stored");
        await memory.FlushAsync();
        store.BlockWrites();
        memory.Say("a", "pending");
        store.BlockReads();
        Assert.Equal(["pending"], await memory.WordsAsync("a"));
        Assert.Equal(1, memory.Log.Count(4008));
        store.ReleaseReads();
        store.ReleaseWrites();
    }

    [Fact]
    public async Task Reads_beyond_the_bound_are_refused_at_once()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { Reads = 1, LoadWait = TestMemory.Timeout });
        store.BlockReads();

        // At most one is in hand and one waits; the third finds no room.
        Task<string[]>[] loads = [memory.WordsAsync("a"), memory.WordsAsync("b"), memory.WordsAsync("c")];
        Assert.Empty(await await Task.WhenAny(loads).WaitAsync(TestMemory.Timeout));
        await Assert.ThrowsAnyAsync<Exception>(async () => await memory.Writer.ReadAfterAsync("a", null, 1, new CancellationToken(true)));
        store.ReleaseReads();
        await Task.WhenAll(loads);
    }

    [Fact]
    public async Task A_load_is_cancelled_with_its_token()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        store.BlockReads();
        using var cancel = new CancellationTokenSource();
        Task<DeviceMemory> load = memory.Writer.LoadAsync("a", 1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load);
        store.ReleaseReads();
    }

    [Fact]
    public async Task Stopping_saves_what_waits_and_takes_nothing_more()
    {
        var store = new FakeMemoryStore();
        var memory = new TestMemory(store, new MemoryLimits { GroupWindow = TestMemory.Timeout });
        for (int i = 0; i < 10_000; i++)
        {
            memory.Say("a", $"{i}");
        }

        await memory.DisposeAsync();
        Assert.Equal(10_000, store.Turns.Count);
        Assert.True(store.Disposed);
        Assert.False(memory.Writer.TryAppend(memory.Turn("a", "late")));
    }

    [Fact]
    public async Task Stopping_with_a_failing_store_ends_within_its_bound_and_says_what_is_lost()
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
    public async Task Without_a_provider_nothing_is_kept()
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
    public async Task A_changed_retention_is_in_force_at_once()
    {
        var time = new TurnedTime(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var store = new FakeMemoryStore();
        store.Append([
            new StoredExchange(1, "a", "s", time.GetUtcNow().AddDays(-8), "old", "-"),
            new StoredExchange(2, "a", "s", time.GetUtcNow().AddDays(-2), "newer", "-"),
        ]);
        await using var memory = new TestMemory(store, time: time);
        await memory.FlushAsync();
        Assert.Equal(2, store.Turns.Count);
        foreach ((int days, int left) in ((int, int)[])[(7, 1), (1, 0)])
        {
            memory.Writer.Apply(new MemoryOptions { RetentionDays = days });
            using var patience = new CancellationTokenSource(TestMemory.Timeout);
            while (store.Turns.Count > left)
            {
                await Task.Delay(1, patience.Token);
            }

            Assert.Equal(left, store.Turns.Count);
        }
    }

    [Fact]
    public async Task Old_turns_are_erased_at_the_start_and_as_time_goes_by()
    {
        var time = new TurnedTime(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var store = new FakeMemoryStore();
        store.Append([
            new StoredExchange(1, "a", "s", time.GetUtcNow().AddDays(-8), "too old", "-"),
            new StoredExchange(2, "a", "s", time.GetUtcNow().AddDays(-6), "not yet", "-"),
        ]);
        await using var memory = new TestMemory(store, new MemoryLimits { RetentionBatch = 1 }, new MemoryOptions { RetentionDays = 7 }, time);
        memory.Say("a", "new");
        await memory.FlushAsync();
        Assert.Equal(["not yet", "new"], store.Turns.Select(turn => turn.User));

        time.Turn(TimeSpan.FromDays(2));
        await memory.FlushAsync();
        memory.Say("a", "newer");
        await memory.FlushAsync();
        Assert.Equal(["new", "newer"], store.Turns.Select(turn => turn.User));
    }
}
