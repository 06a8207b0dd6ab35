using System.Collections.Concurrent;
using System.Globalization;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Memory.Stores;

/// <summary>Several servers with one database: erasures, and devices that move between them.</summary>
[Collection(PostgresTestGroup.Name)]
public sealed class SharedMemoryTests(PostgresFixture postgres)
{
    /// <summary>Nothing is saved before a test wants it.</summary>
    private static readonly MemoryLimits s_late = new() { GroupWindow = TimeSpan.FromHours(1) };

    [PostgresFact]
    public async Task A_turn_in_the_journal_does_not_undo_the_erasure_of_another_server()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var here = new TestMemory(Create(prefix), s_late);
        await using var there = new TestMemory(Create(prefix));
        long before = here.Writer.Erasures;
        here.Say("a", "erased");
        here.Say("b", "kept");
        await there.Writer.EraseAsync("a", CancellationToken.None).WaitAsync(TestMemory.Timeout);
        await here.FlushAsync();
        Assert.Empty(await here.WordsAsync("a"));
        Assert.Equal(["kept"], await there.WordsAsync("b"));

        // Its conversations know, and so do the turns that they have begun.
        Assert.True(here.Writer.ErasedSince("a", before));
        Assert.False(here.Writer.ErasedSince("b", before));
        Assert.Equal(JournalAdmission.Erased, here.Writer.Append(here.Exchange("a", "answered from erased words"), before));
        here.Say("a", "afterwards");
        await here.FlushAsync();
        Assert.Equal(["afterwards"], await there.WordsAsync("a"));
        Assert.Equal(0, here.Writer.Status.PendingBytes);
    }

    [PostgresFact]
    public async Task A_server_without_turns_learns_of_erasures()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var here = new TestMemory(Create(prefix));
        await using var there = new TestMemory(Create(prefix));
        await there.Writer.EraseAsync("a", CancellationToken.None).WaitAsync(TestMemory.Timeout);
        await LearnedAsync(here, "a");
    }

    [PostgresFact]
    public async Task A_device_that_moves_finds_its_last_turn_at_its_new_server()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var old = new TestMemory(Create(prefix), s_late);
        await using var now = new TestMemory(Create(prefix));
        long last = old.Say("a", "said at the old server").Id;
        old.Say("b", "in the same group");
        old.Writer.SaveSoon("c");
        Assert.Empty(await now.WordsAsync("a"));
        old.Writer.SaveSoon("a");
        using var limit = new CancellationTokenSource(TestMemory.Timeout);
        while ((await now.WordsAsync("a")).Length == 0)
        {
            await Task.Delay(1, limit.Token);
        }

        Assert.Equal(["in the same group"], await now.WordsAsync("b"));
        Assert.True(now.Writer.NextId() > last);
    }

    [PostgresFact]
    public async Task Two_servers_that_summarize_a_device_keep_one_summary()
    {
        string prefix = postgres.Server.NewPrefix();
        await using var here = new TestMemory(Create(prefix));
        await using var there = new TestMemory(Create(prefix));
        long first = here.Say("a", "one").Id;
        long second = here.Say("a", "two").Id;
        await here.FlushAsync();
        bool[] kept = await Task.WhenAll(
            here.Writer.SaveSummaryAsync("a", new StoredSummary("here", first, DateTimeOffset.UtcNow), 0, CancellationToken.None).AsTask(),
            there.Writer.SaveSummaryAsync("a", new StoredSummary("there", second, DateTimeOffset.UtcNow), 0, CancellationToken.None).AsTask()).WaitAsync(TestMemory.Timeout);
        Assert.Single(kept, static isKept => isKept);
        Assert.Equal(kept[0] ? "here" : "there", (await there.Writer.LoadAsync("a", 10, CancellationToken.None)).Summary);
    }

    [PostgresFact]
    public async Task Random_turns_and_erasures_of_three_servers_leave_no_erased_turn_and_lose_no_other()
    {
        const int Servers = 3;
        string prefix = postgres.Server.NewPrefix();
        int seed = Random.Shared.Next();
        TestMemory[] memories = [.. Enumerable.Range(0, Servers).Select(_ => new TestMemory(Create(prefix), new MemoryLimits { GroupWindow = TimeSpan.FromMilliseconds(2), Batch = 8 }))];
        var said = new ConcurrentQueue<(string Device, string Words, long At)>();
        var erased = new ConcurrentQueue<(string Device, long At)>();
        long clock = 0;
        await Task.WhenAll(memories.Select((memory, server) => Task.Run(async () =>
        {
            var random = new Random(seed + server);
            for (int i = 0; i < 600; i++)
            {
                // The device "kept" is never erased.
                string device = random.Next(4) is > 0 and int number ? $"device-{number}" : "kept";
                if (device != "kept" && random.Next(12) == 0)
                {
                    long at = Interlocked.Increment(ref clock);
                    await memory.Writer.EraseAsync(device, CancellationToken.None).WaitAsync(TestMemory.Timeout);
                    erased.Enqueue((device, at));
                }
                else
                {
                    string words = string.Create(CultureInfo.InvariantCulture, $"{server}/{i}");
                    if (memory.Writer.TryAppend(memory.Exchange(device, words)))
                    {
                        said.Enqueue((device, words, Interlocked.Increment(ref clock)));
                    }
                }
            }
        })));

        // Once every server knows the last erasures, every turn is stored.
        await memories[0].Writer.EraseAsync("fence", CancellationToken.None).WaitAsync(TestMemory.Timeout);
        foreach (TestMemory memory in memories[1..])
        {
            await LearnedAsync(memory, "fence");
        }

        await memories[1].Writer.EraseAsync("fence of the first", CancellationToken.None).WaitAsync(TestMemory.Timeout);
        await LearnedAsync(memories[0], "fence of the first");
        foreach ((TestMemory memory, int server) in memories.Select(static (memory, server) => (memory, server)))
        {
            for (int device = 1; device <= 3; device++)
            {
                memory.Say($"device-{device}", $"last {server}");
            }

            await memory.FlushAsync();
        }

        using var database = new TemporaryStore(StoreKind.Postgres, postgres, prefix);
        StoredExchange[] stored = [.. database.Exchanges()];
        ILookup<string, string> wordsOf = stored.ToLookup(static exchange => exchange.DeviceId, static exchange => exchange.User);
        Assert.Equal(said.Where(static turn => turn.Device == "kept").Select(static turn => turn.Words).Order(), wordsOf["kept"].Order());
        foreach (IGrouping<string, (string Device, long At)> device in erased.GroupBy(static erasure => erasure.Device))
        {
            long last = device.Max(static erasure => erasure.At);
            string[] before = [.. said.Where(turn => turn.Device == device.Key && turn.At < last).Select(static turn => turn.Words)];
            Assert.True(!wordsOf[device.Key].Intersect(before).Any(), $"erased turns are stored, seed {seed}");
            Assert.Equal(["last 0", "last 1", "last 2"], wordsOf[device.Key].Where(static word => word.StartsWith("last", StringComparison.Ordinal)).Order());
        }

        Assert.Equal(stored.Length, stored.DistinctBy(static exchange => (exchange.DeviceId, exchange.User)).Count());
        foreach (TestMemory memory in memories)
        {
            await memory.DisposeAsync();
        }
    }

    /// <summary>Waits until the server knows of an erasure of the device since its start.</summary>
    private static async Task LearnedAsync(TestMemory memory, string device)
    {
        using var limit = new CancellationTokenSource(TestMemory.Timeout);
        while (!memory.Writer.ErasedSince(device, 0))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private PostgresMemoryStore Create(string prefix) => new(postgres.Server.ConnectionString, prefix, NullLogger<PostgresMemoryStore>.Instance, TimeProvider.System);
}
