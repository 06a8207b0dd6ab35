using FastGate.Memory;
using FastGate.Testing;

namespace FastGate.Tests.Memory;

public sealed class MemoryEraseTests
{
    [Fact]
    public async Task Erasing_removes_stored_in_flight_and_waiting_exchanges_and_keeps_later_ones()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        memory.Say("a", "stored");
        memory.Say("b", "other device");
        await memory.FlushAsync();
        await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
        store.BlockWrites();
        memory.Say("a", "in flight");
        await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
        memory.Say("a", "waiting");
        Task<int> erased = memory.Writer.EraseAsync("a", CancellationToken.None);
        Assert.Empty(await memory.WordsAsync("a"));
        memory.Say("a", "afterwards");
        Assert.Equal(["afterwards"], await memory.WordsAsync("a"));
        Assert.Equal(["other device"], await memory.WordsAsync("b"));
        Assert.False(erased.IsCompleted);

        store.ReleaseWrites();
        await memory.FlushAsync();
        Assert.Equal(3, await erased.WaitAsync(TestMemory.Timeout));
        Assert.Equal(["other device", "afterwards"], store.Exchanges.Select(static exchange => exchange.User));
        Assert.Equal(["afterwards"], await memory.WordsAsync("a"));
        Assert.Equal(0, memory.Writer.Status.PendingBytes);
    }

    [Fact]
    public async Task A_full_journal_still_accepts_erasures()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { Pending = 10, PendingExtra = 2 });
        store.BlockWrites();
        for (int i = 0; i < 10; i++)
        {
            memory.Say("a", $"{i}");
        }

        Task<int> first = memory.Writer.EraseAsync("a", CancellationToken.None);
        Task<int> second = memory.Writer.EraseAsync("b", CancellationToken.None);
        await Assert.ThrowsAsync<MemoryStoreException>(() => memory.Writer.EraseAsync("c", CancellationToken.None));
        store.ReleaseWrites();
        int[] erased = await Task.WhenAll(first, second).WaitAsync(TestMemory.Timeout);
        Assert.Equal([10, 0], erased);
        Assert.Empty(store.Exchanges);
    }

    [Fact]
    public async Task Random_exchanges_and_erasures_match_a_list()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { GroupWindow = TimeSpan.Zero, Batch = 5 });
        var expected = Enumerable.Range(0, 4).ToDictionary(i => $"d{i}", _ => new List<string>());
        var random = new Random(4711);
        for (int i = 0; i < 5_000; i++)
        {
            string device = $"d{random.Next(4)}";
            switch (random.Next(12))
            {
                case 0:
                    _ = memory.Writer.EraseAsync(device, CancellationToken.None);
                    expected[device].Clear();
                    break;
                case 1:
                    Assert.Equal(expected[device], await memory.WordsAsync(device, int.MaxValue));
                    break;
                default:
                    memory.Say(device, $"{i}");
                    expected[device].Add($"{i}");
                    break;
            }
        }

        await memory.FlushAsync();
        foreach ((string device, List<string> words) in expected)
        {
            Assert.Equal(words, store.Exchanges.Where(exchange => exchange.DeviceId == device).Select(static exchange => exchange.User));
        }

        Assert.Equal(0, memory.Writer.Status.Pending);
        Assert.Equal(0, memory.Writer.Status.PendingBytes);
    }

    [Fact]
    public async Task Pages_hold_all_stored_and_pending_exchanges()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        for (int i = 0; i < 1_200; i++)
        {
            memory.Say("a", $"{i}");
            memory.Say("b", "other device");
        }

        await memory.FlushAsync();
        store.BlockWrites();
        memory.Say("a", "1200");
        var words = new List<string>();
        MemoryPage page;
        long after = long.MinValue;
        do
        {
            page = await memory.Writer.ReadAfterAsync("a", after, 500, CancellationToken.None);
            words.AddRange(page.Exchanges.Select(static exchange => exchange.User));
            after = page.Exchanges[^1].Id;
        }
        while (page.More);

        Assert.Equal(Enumerable.Range(0, 1_201).Select(static i => $"{i}"), words);
        store.ReleaseWrites();
    }
}
