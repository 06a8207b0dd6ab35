using FastGate.Testing;
using FastGate.Webhooks;

namespace FastGate.Tests.Webhooks;

public sealed class EventRingTests
{
    [Fact]
    public void Events_come_out_in_order_with_their_numbers()
    {
        var ring = new EventRing(4);
        ring.Add(Event(1));
        ring.Add(Event(2));

        Assert.True(ring.TryTake(out WebhookEvent first, out long number));
        Assert.Equal((1, 1), (first.AtUnixMs, number));
        Assert.True(ring.TryTake(out WebhookEvent second, out number));
        Assert.Equal((2, 2), (second.AtUnixMs, number));
        Assert.False(ring.TryTake(out _, out _));
        Assert.Equal(0, ring.Count);
    }

    [Fact]
    public void Oldest_event_is_dropped_at_the_bound_and_its_number_is_missing()
    {
        var ring = new EventRing(4);
        for (int i = 1; i <= 7; i++)
        {
            ring.Add(Event(i));
        }

        Assert.Equal((4, 3), (ring.Count, ring.Dropped));
        Assert.True(ring.TryTake(out WebhookEvent happened, out long number));
        Assert.Equal((4, 4), (happened.AtUnixMs, number));
    }

    [Fact]
    public void Adding_allocates_nothing_also_at_the_bound()
    {
        var ring = new EventRing(16);
        WebhookEvent happened = Event(1);

        Assert.Equal(0, Allocations.Of(() => ring.Add(happened)));
        Assert.True(ring.Dropped > 0);
    }

    /// <summary>Threads that add and take at once: no event is seen twice or in another order of its thread, and what is missing was counted as dropped.</summary>
    [Fact]
    public void Threads_that_add_and_take_at_once_lose_no_event_uncounted()
    {
        const int Producers = 4;
        const int Each = 50_000;
        var ring = new EventRing(64);
        Thread[] threads =
        [
            .. Enumerable.Range(0, Producers).Select(producer => new Thread(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    ring.Add(Event((producer * (long)Each) + i));
                }
            })),
        ];
        Array.ForEach(threads, static thread => thread.Start());
        long[] last = [.. Enumerable.Repeat(-1L, Producers)];
        long taken = 0;
        bool ended = false;
        while (true)
        {
            if (ring.TryTake(out WebhookEvent happened, out _))
            {
                int producer = (int)(happened.AtUnixMs / Each);
                Assert.True(happened.AtUnixMs > last[producer]);
                last[producer] = happened.AtUnixMs;
                taken++;
            }
            else if (ended)
            {
                break;
            }
            else
            {
                // Once more after the last thread has ended.
                ended = Array.TrueForAll(threads, static thread => !thread.IsAlive);
            }
        }

        Assert.Equal(Producers * Each, taken + ring.Dropped);
    }

    private static WebhookEvent Event(long at) => new(WebhookEventKind.Connected, at, "a", Guid.Empty, null, null);
}
