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
            Assert.Equal(0, ring.Put([i, i]));
        }

        byte[] room = new byte[PacketRing.MaxPacket];
        for (byte i = 0; i < 10; i++)
        {
            Assert.True(ring.TryTake(room, out int length));
            Assert.Equal([i, i], room[..length]);
        }

        Assert.False(ring.TryTake(room, out _));
    }

    /// <summary>Every length, at every place of the ring, also cut by its end.</summary>
    [Fact]
    public void A_packet_of_any_length_comes_out_as_it_was_put()
    {
        using PacketRing ring = Ring();
        byte[] room = new byte[PacketRing.MaxPacket];
        byte[] packet = new byte[PacketRing.MaxPacket];
        for (int length = 0; length <= PacketRing.MaxPacket; length++)
        {
            packet.AsSpan(0, length).Fill((byte)length);
            Assert.Equal(0, ring.Put(packet.AsSpan(0, length)));
            Assert.False(ring.IsEmpty);
            Assert.True(ring.TryTake(room, out int taken));
            Assert.Equal(packet[..length], room[..taken]);
            Assert.True(ring.IsEmpty);
        }
    }

    /// <summary>A busy worker costs a device with short packets no more sound than one with long packets.</summary>
    [Theory]
    [InlineData(1, PacketRing.Units)]
    [InlineData(PacketRing.UnitSize - sizeof(ushort), PacketRing.Units)]
    [InlineData(PacketRing.UnitSize - 1, PacketRing.Units / 2)]
    [InlineData(PacketRing.MaxPacket, PacketRing.Size / (PacketRing.MaxPacket + sizeof(ushort)))]
    public void A_full_ring_drops_the_oldest(int length, int capacity)
    {
        using PacketRing ring = Ring();
        byte[] packet = new byte[length];
        for (int i = 0; i < capacity + 3; i++)
        {
            packet[0] = (byte)i;
            Assert.Equal(i < capacity ? 0 : 1, ring.Put(packet));
        }

        byte[] room = new byte[PacketRing.MaxPacket];
        for (int i = 3; i < capacity + 3; i++)
        {
            Assert.True(ring.TryTake(room, out int taken));
            Assert.Equal((length, (byte)i), (taken, room[0]));
        }

        Assert.True(ring.IsEmpty);
    }

    [Fact]
    public void A_long_packet_drops_as_many_short_ones_as_it_needs()
    {
        using PacketRing ring = Ring();
        for (int i = 0; i < PacketRing.Units; i++)
        {
            Assert.Equal(0, ring.Put([(byte)i]));
        }

        Assert.Equal((PacketRing.MaxPacket + sizeof(ushort)) / PacketRing.UnitSize, ring.Put(new byte[PacketRing.MaxPacket]));
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
            byte[] packet = new byte[512];
            for (int i = 0; i < Packets; i++)
            {
                int length = 8 + (i % 400);
                packet.AsSpan(0, length).Fill((byte)i);
                BitConverter.TryWriteBytes(packet, i);
                dropped += ring.Put(packet.AsSpan(0, length));
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
                Assert.Equal(8 + (number % 400), length);
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
