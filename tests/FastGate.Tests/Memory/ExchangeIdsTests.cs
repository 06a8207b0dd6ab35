using FastGate.Memory.Journal;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Memory;

public sealed class ExchangeIdsTests
{
    [Fact]
    public void Ids_increase_while_the_clock_is_stopped()
    {
        var ids = new ExchangeIds(new ManualTimeProvider());
        long last = 0;
        for (int i = 0; i < 100_000; i++)
        {
            long next = ids.Next();
            Assert.True(next > last);
            last = next;
        }
    }

    [Fact]
    public void Ids_are_unique_across_threads_and_increase_on_each()
    {
        var ids = new ExchangeIds(TimeProvider.System);
        long[][] drawn = new long[4][];
        Parallel.For(0, drawn.Length, worker =>
        {
            drawn[worker] = new long[20_000];
            for (int i = 0; i < drawn[worker].Length; i++)
            {
                drawn[worker][i] = ids.Next();
            }
        });

        Assert.Equal(80_000, drawn.SelectMany(static own => own).Distinct().Count());
        Assert.All(drawn, static own => Assert.Equal(own.Order(), own));
    }

    [Fact]
    public void Ids_increase_when_the_clock_was_set_back()
    {
        var later = new ManualTimeProvider();
        later.Turn(TimeSpan.FromDays(30));
        long before = new ExchangeIds(later).Next();
        var ids = new ExchangeIds(new ManualTimeProvider());
        ids.StartAfter(before);
        Assert.True(ids.Next() > before);
    }

    [Fact]
    public void An_implausibly_high_stored_id_is_ignored()
    {
        var time = new ManualTimeProvider();
        var ids = new ExchangeIds(time);
        ids.StartAfter(long.MaxValue);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.InRange(ids.Next(), now << 20, (now + 1) << 20);
    }
}
