using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Tests;

public class InstantQueueTests
{
    [Fact]
    public void Instants_come_out_in_order()
    {
        InstantQueue queue = default;
        var model = new Queue<long>();
        var random = new Random(1);
        for (int i = 0; i < 5_000; i++)
        {
            if (random.Next(5) < 3)
            {
                Assert.Equal(model.Count < InstantQueue.Capacity, queue.TryAdd(i));
                if (model.Count < InstantQueue.Capacity)
                {
                    model.Enqueue(i);
                }
            }
            else
            {
                Assert.Equal(model.TryDequeue(out long expected), queue.TryTake(out long actual));
                Assert.Equal(expected, actual);
            }

            Assert.Equal(model.Count, queue.Count);
        }
    }

    [Fact]
    public void Full_queue_rejects_an_instant()
    {
        InstantQueue queue = default;
        for (int i = 0; i < InstantQueue.Capacity; i++)
        {
            Assert.True(queue.TryAdd(i));
        }

        Assert.False(queue.TryAdd(0));
        Assert.Equal(InstantQueue.Capacity, queue.Clear());
        Assert.False(queue.TryTake(out _));
    }
}
