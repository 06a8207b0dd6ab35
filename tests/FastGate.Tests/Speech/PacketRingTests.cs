using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Testing;

namespace FastGate.Tests.Speech;

public sealed class PacketRingTests
{
    private readonly SpeechMemory _memory = new(1 << 20);

    [Fact]
    public void Packets_come_out_in_order()
    {
        using PacketRing ring = Ring();
        for (byte i = 0; i < 10; i++)
        {
            Assert.True(ring.Put([i, i]));
        }

        byte[] room = new byte[PacketRing.MaxPacket];
        for (byte i = 0; i < 10; i++)
        {
            Assert.True(ring.TryTake(room, out int length));
            Assert.Equal([i, i], room[..length]);
        }

        Assert.False(ring.TryTake(room, out _));
    }

    [Fact]
    public void A_full_ring_drops_the_oldest()
    {
        using PacketRing ring = Ring();
        for (int i = 0; i < PacketRing.Capacity + 3; i++)
        {
            Assert.Equal(i < PacketRing.Capacity, ring.Put([(byte)i]));
        }

        byte[] room = new byte[PacketRing.MaxPacket];
        Assert.True(ring.TryTake(room, out _));
        Assert.Equal(3, room[0]);
    }

    [Fact]
    public void There_is_no_ring_at_the_bound_of_memory()
    {
        var memory = new SpeechMemory(100);
        Assert.Null(PacketRing.TryCreate(memory));
        Assert.Equal(0, memory.Lent);
    }

    [Fact]
    public void A_ring_gives_its_memory_back()
    {
        Ring().Dispose();
        Assert.Equal(0, _memory.Lent);
    }

    /// <summary>
    /// History of a producer that never waits: each packet that is taken is whole, numbers only grow, and each number is taken or was reported as dropped.
    /// </summary>
    [Fact]
    public void Packets_taken_beside_a_fast_producer_are_whole_and_in_order()
    {
        const int Packets = 300_000;
        using PacketRing ring = Ring();
        int dropped = 0;
        bool finished = false;
        var producer = new Thread(() =>
        {
            byte[] packet = new byte[256];
            for (int i = 0; i < Packets; i++)
            {
                int length = 8 + (i % 200);
                packet.AsSpan(0, length).Fill((byte)i);
                BitConverter.TryWriteBytes(packet, i);
                dropped += ring.Put(packet.AsSpan(0, length)) ? 0 : 1;
            }

            Volatile.Write(ref finished, true);
        });
        producer.Start();
        byte[] room = new byte[PacketRing.MaxPacket];
        int taken = 0;
        int last = -1;
        while (true)
        {
            bool ended = Volatile.Read(ref finished);
            if (ring.TryTake(room, out int length))
            {
                int number = BitConverter.ToInt32(room);
                Assert.True(number > last, $"{number} after {last}");
                Assert.Equal(8 + (number % 200), length);
                Assert.Equal(-1, room.AsSpan(4, length - 4).IndexOfAnyExcept((byte)number));
                last = number;
                taken++;
            }
            else if (ended)
            {
                break;
            }
        }

        producer.Join();
        Assert.Equal(Packets - 1, last);
        Assert.Equal(Packets, taken + dropped);
    }

    [Fact]
    public void Putting_and_taking_allocate_nothing()
    {
        using PacketRing ring = Ring();
        byte[] packet = new byte[180];
        byte[] room = new byte[PacketRing.MaxPacket];
        Assert.Equal(0, Allocations.Of(() =>
        {
            ring.Put(packet);
            ring.TryTake(room, out _);
        }));
    }

    private PacketRing Ring() => PacketRing.TryCreate(_memory)!;
}
