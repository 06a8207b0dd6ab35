using FastGate.Cluster;
using FastGate.Registry;
using FastGate.Testing;
using FastGate.Testing.Cluster;

namespace FastGate.Tests.Cluster;

public sealed class ClaimQueueTests
{
    [Fact]
    public void A_connection_is_in_the_queue_once_until_it_is_taken_and_looked_at()
    {
        var queue = new ClaimQueue(10);
        FakeClaimedConnection first = new("first", 0);
        FakeClaimedConnection second = new("second", 0);
        Assert.True(queue.TryAdd(first));
        Assert.True(queue.TryAdd(second));
        Assert.True(queue.TryAdd(first));
        Assert.Equal(["first", "second"], Take(queue));
        Assert.True(queue.TryAdd(first));
        Assert.Empty(Take(queue));
        first.Claim.Unqueue();
        Assert.True(queue.TryAdd(first));
        Assert.Equal(["first"], Take(queue));
    }

    [Fact]
    public void A_connection_beyond_the_bound_is_refused_and_may_be_added_later()
    {
        var queue = new ClaimQueue(1);
        FakeClaimedConnection second = new("second", 0);
        Assert.True(queue.TryAdd(new FakeClaimedConnection("first", 0)));
        Assert.False(queue.TryAdd(second));
        Assert.Equal(1, queue.Count);
        Assert.Equal(["first"], Take(queue));
        Assert.True(queue.TryAdd(second));
        Assert.Equal(["second"], Take(queue));
    }

    [Fact]
    public void Adding_and_taking_allocate_nothing()
    {
        var queue = new ClaimQueue(1_000);
        Queue<IClaimedConnection> taken = new(64);
        FakeClaimedConnection[] connections = [.. Enumerable.Range(0, 64).Select(static index => new FakeClaimedConnection($"device {index}", 0))];
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (FakeClaimedConnection connection in connections)
            {
                queue.TryAdd(connection);
            }

            queue.TakeAll(taken);
            while (taken.TryDequeue(out IClaimedConnection? connection))
            {
                connection.Claim.Unqueue();
            }
        }));
    }

    [Fact]
    public async Task No_wake_up_is_lost_between_many_producers_and_the_loop()
    {
        const int Threads = 4;
        const int PerThread = 5_000;
        var queue = new ClaimQueue(int.MaxValue);
        var producers = Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < PerThread; i++)
            {
                queue.TryAdd(new FakeClaimedConnection($"{thread} {i}", 0));
            }
        })));
        Queue<IClaimedConnection> taken = new();
        while (taken.Count < Threads * PerThread)
        {
            await queue.WaitAsync().WaitAsync(Until.Hang);
            queue.TakeAll(taken);
        }

        await producers;
        Assert.Equal(Threads * PerThread, taken.Select(static connection => connection.DeviceId).Distinct().Count());
        Assert.Equal(0, queue.Count);
    }

    private static string[] Take(ClaimQueue queue)
    {
        Queue<IClaimedConnection> taken = new();
        queue.TakeAll(taken);
        return [.. taken.Select(static connection => connection.DeviceId)];
    }
}
