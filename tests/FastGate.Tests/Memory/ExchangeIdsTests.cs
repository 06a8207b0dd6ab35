using FastGate.Memory;

namespace FastGate.Tests.Memory;

public class ExchangeIdsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ids_grow_while_the_clock_stands_still()
    {
        var ids = new ExchangeIds(new TurnedTime(s_now));
        long last = 0;
        for (int i = 0; i < 100_000; i++)
        {
            long next = ids.Next();
            Assert.True(next > last);
            last = next;
        }
    }

    [Fact]
    public void Ids_of_all_threads_are_different()
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

        Assert.Equal(80_000, drawn.SelectMany(own => own).Distinct().Count());
        Assert.All(drawn, own => Assert.Equal(own.Order(), own));
    }

    [Fact]
    public void A_clock_set_back_does_not_set_ids_back()
    {
        long before = new ExchangeIds(new TurnedTime(s_now)).Next();
        var ids = new ExchangeIds(new TurnedTime(s_now.AddDays(-30)));
        ids.StartAfter(before);
        Assert.True(ids.Next() > before);
    }

    [Fact]
    public void An_id_at_the_end_of_numbers_is_not_followed()
    {
        var ids = new ExchangeIds(new TurnedTime(s_now));
        ids.StartAfter(long.MaxValue);
        Assert.InRange(ids.Next(), s_now.ToUnixTimeMilliseconds() << 20, (s_now.ToUnixTimeMilliseconds() + 1) << 20);
    }
}
