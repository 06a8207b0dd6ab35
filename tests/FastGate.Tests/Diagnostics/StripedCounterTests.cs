using FastGate.Diagnostics;
using FastGate.Testing;

namespace FastGate.Tests.Diagnostics;

public sealed class StripedCounterTests
{
    [Fact]
    public void No_increment_is_lost_with_more_threads_than_cells()
    {
        const int PerThread = 50_000;
        var counter = new StripedCounter();
        Thread[] threads = [.. Enumerable.Range(0, 80).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < PerThread; i++)
            {
                counter.Increment();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal((long)threads.Length * PerThread, counter.Value);
    }

    [Fact]
    public void Growing_counter_never_shrinks_for_a_reader()
    {
        var counter = new StripedCounter();
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200_000; i++)
            {
                counter.Increment();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        long last = 0;
        while (threads.Any(thread => thread.IsAlive))
        {
            long value = counter.Value;
            Assert.True(value >= last);
            last = value;
        }

        Assert.Equal(600_000, counter.Value);
    }

    [Fact]
    public void Amounts_are_added_and_may_be_negative()
    {
        var counter = new StripedCounter();
        counter.Add(long.MaxValue / 2);
        counter.Add(-5);
        counter.Increment();
        Assert.Equal((long.MaxValue / 2) - 4, counter.Value);
    }

    [Fact]
    public void Counters_do_not_share_their_counts()
    {
        var one = new StripedCounter();
        var other = new StripedCounter();
        one.Add(3);
        Assert.Equal(0, other.Value);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var counter = new StripedCounter();
        long sum = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            counter.Add(3);
            sum += counter.Value;
        }));
        Assert.True(sum > 0);
    }
}
