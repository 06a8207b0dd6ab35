using FastGate.Memory;
using FastGate.Testing;

namespace FastGate.Tests.Memory;

public sealed class MemoryLoadTests
{
    [Fact]
    public async Task A_load_sees_exchanges_that_are_not_committed_yet()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        memory.Say("a", "kept");
        memory.Say("b", "other device");
        await memory.FlushAsync();
        store.BlockWrites();
        memory.Say("a", "in flight");
        memory.Say("a", "waiting");
        Assert.Equal(["kept", "in flight", "waiting"], await memory.WordsAsync("a"));
        Assert.Equal(["in flight", "waiting"], await memory.WordsAsync("a", 2));
        Assert.Equal(["other device"], await memory.WordsAsync("b"));
        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(["kept", "in flight", "waiting"], await memory.WordsAsync("a"));
    }

    [Fact]
    public async Task A_load_during_commits_neither_misses_nor_repeats_an_exchange()
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
    public async Task A_blocked_store_delays_a_load_by_its_timeout_only()
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
    public async Task Reads_beyond_the_limit_are_refused_at_once()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { Reads = 1, LoadWait = TestMemory.Timeout });
        store.BlockReads();

        // One is in progress and one waits, so the third is refused.
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
}
