using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Sessions;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>Messages from other threads: their order, the limit in bytes, and the end of a device that does not read.</summary>
public sealed class OutboundQueueTests
{
    [Fact]
    public void Messages_are_taken_in_order_of_posting()
    {
        var queue = new OutboundQueue();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(queue.TryPush(Message(turn: i), int.MaxValue));
        }

        Assert.Equal(Enumerable.Range(0, 100), Turns(queue.TakeAll()));
        Assert.Null(queue.TakeAll());
    }

    [Fact]
    public void Full_queue_refuses_until_messages_are_taken()
    {
        var queue = new OutboundQueue();
        int taken = 0;
        while (queue.TryPush(Message(taken), maxBytes: 4096))
        {
            taken++;
            Assert.InRange(taken, 1, 40);
        }

        Assert.Equal(taken, Turns(queue.TakeAll()).Count);
        for (int i = 0; i < taken; i++)
        {
            Assert.True(queue.TryPush(Message(i), maxBytes: 4096));
        }

        Assert.False(queue.TryPush(Message(0), maxBytes: 4096));
    }

    [Fact]
    public async Task Messages_of_many_producers_are_complete_and_ordered_per_producer()
    {
        const int Producers = 4;
        const int Each = 20_000;
        var queue = new Box();
        var producing = Task.WhenAll(Enumerable.Range(0, Producers).Select(producer => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                Assert.True(queue.Queue.TryPush(Message((producer * Each) + i), int.MaxValue));
            }
        })));

        int[] next = new int[Producers];
        int seen = 0;
        while (seen < Producers * Each)
        {
            foreach (int turn in Turns(queue.Queue.TakeAll()))
            {
                Assert.Equal(next[turn / Each]++, turn % Each);
                seen++;
            }
        }

        await producing;
        Assert.Null(queue.Queue.TakeAll());
    }

    [Fact]
    public async Task Device_that_does_not_read_is_closed_as_a_slow_reader()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Limits = new DeviceLimits { Outbound = 4096 } });
        ScriptedDevice device = harness.ConnectUnread(capacity: 1024);
        await device.UpgradeAsync();
        DeviceConnection connection = harness.Connections().Single();

        // Blocks the loop in a flush.
        for (int i = 0; i < 1024; i++)
        {
            await device.SendTextAsync("""{"type":"ping"}""");
        }

        for (int i = 0; i < 40; i++)
        {
            connection.Post(new OutboundMessage(OutboundKind.Notice, new byte[100]));
        }

        Assert.Equal(ConnectionEndReason.SlowReader, connection.EndReason);
        harness.Clock.Turn(TimeSpan.FromSeconds(3));
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.SlowReader));
        Assert.Equal(0, harness.Registry.Count);
    }

    private static OutboundMessage Message(int turn) => new(OutboundKind.TurnText, new byte[20], turn);

    private static List<int> Turns(OutboundMessage? first)
    {
        var turns = new List<int>();
        for (OutboundMessage? message = first; message is not null; message = message.Next)
        {
            turns.Add(message.Turn);
        }

        return turns;
    }

    private sealed class Box
    {
        public OutboundQueue Queue;
    }
}
