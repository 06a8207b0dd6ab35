namespace FastGate.Speech.Hearing;

/// <summary>
/// The newest packets of one device: its event loop puts, one speech worker takes. When the ring is full the oldest packet is dropped, because
/// late sound is worth less than new sound. No lock, no allocation.
/// </summary>
/// <remarks>
/// Packet n is in slot n modulo <see cref="Capacity"/>. The loop owns <c>_written</c>. <c>_read</c> is the number of the oldest packet; the worker
/// moves it when it has taken one, the loop when it drops one, both by compare-and-swap.
/// <para>
/// A slot is overwritten only after <c>_read</c> has moved beyond its packet. The worker copies a packet first and then moves <c>_read</c>: when
/// that fails, the loop has dropped the packet and may have written into the slot during the copy, so the copy is thrown away. The length is
/// bounded by the slot whatever was read, so a torn copy is never outside it.
/// </para>
/// The swap by the worker is a full fence after its copy, and the swap by the loop one before its write; <c>_written</c> is stored with release
/// after the write and loaded with acquire before the copy.
/// </remarks>
internal sealed class PacketRing : IDisposable
{
    /// <summary>2.4 s of packets of 60 ms.</summary>
    public const int Capacity = 40;

    /// <summary>Longer packets are refused: at 60 ms this is 200 kbit/s, four times what speech needs.</summary>
    public const int MaxPacket = 1_534;

    private const int SlotSize = MaxPacket + sizeof(ushort);

    private readonly SpeechMemory _memory;
    private readonly byte[] _slots;
    private long _written;
    private long _read;

    private PacketRing(SpeechMemory memory, byte[] slots)
    {
        _memory = memory;
        _slots = slots;
    }

    /// <summary>The worker only.</summary>
    public bool IsEmpty => Volatile.Read(ref _read) == Volatile.Read(ref _written);

    /// <summary>Null at the bound of memory.</summary>
    public static PacketRing? TryCreate(SpeechMemory memory) =>
        memory.TryRent(Capacity * SlotSize) is { } slots ? new PacketRing(memory, slots) : null;

    /// <summary>The loop only. False when the oldest packet was dropped for this one.</summary>
    public bool Put(ReadOnlySpan<byte> packet)
    {
        long number = _written;
        long read = Volatile.Read(ref _read);
        bool dropped = number - read >= Capacity && Interlocked.CompareExchange(ref _read, read + 1, read) == read;
        Span<byte> slot = Slot(number);
        packet.CopyTo(slot[sizeof(ushort)..]);
        BitConverter.TryWriteBytes(slot, (ushort)packet.Length);
        Volatile.Write(ref _written, number + 1);
        return !dropped;
    }

    /// <summary>The worker only. False when there is no packet.</summary>
    /// <param name="packet">Room for <see cref="MaxPacket"/> bytes.</param>
    /// <param name="length">The length of the packet.</param>
    public bool TryTake(Span<byte> packet, out int length)
    {
        while (true)
        {
            long read = Volatile.Read(ref _read);
            if (read == Volatile.Read(ref _written))
            {
                length = 0;
                return false;
            }

            ReadOnlySpan<byte> slot = Slot(read);
            length = Math.Min((int)BitConverter.ToUInt16(slot), MaxPacket);
            slot.Slice(sizeof(ushort), length).CopyTo(packet);
            if (Interlocked.CompareExchange(ref _read, read + 1, read) == read)
            {
                return true;
            }
        }
    }

    /// <summary>The worker, after the last put of the loop.</summary>
    public void Dispose() => _memory.Return(_slots, Capacity * SlotSize);

    private Span<byte> Slot(long number) => _slots.AsSpan((int)(number % Capacity) * SlotSize, SlotSize);
}
