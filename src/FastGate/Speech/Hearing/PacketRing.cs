namespace FastGate.Speech.Hearing;

/// <summary>
/// The newest packets of one device: its event loop puts, one speech worker takes. When the ring is full the oldest packets are dropped, because
/// late sound is worth less than new sound. No lock, no allocation.
/// </summary>
/// <remarks>
/// The ring is divided into units; a packet takes as many as its length and its bytes need, so that short packets do not fill the ring sooner than
/// long ones. Positions count units from the beginning and only grow; unit n is at n modulo <see cref="Units"/>. The loop owns <c>_written</c>, the
/// end of the newest packet. <c>_read</c> is the start of the oldest packet; the worker moves it when it has taken one, the loop when it drops one,
/// both by compare-and-swap.
/// <para>
/// A packet is overwritten only after <c>_read</c> has moved beyond it. The worker copies a packet first and then moves <c>_read</c>: when that
/// fails, the loop has dropped the packet and may have written into its units during the copy, so the copy is thrown away. The length is bounded
/// whatever was read, so a torn copy is never outside the ring. The loop alone writes, so a length that it reads itself is whole.
/// </para>
/// The swap by the worker is a full fence after its copy, and the swap by the loop one before its write; <c>_written</c> is stored with release
/// after the write and loaded with acquire before the copy.
/// </remarks>
internal sealed class PacketRing : IDisposable
{
    /// <summary>Bytes of a ring: 20 s of speech at 24 kbit/s in packets of 20 ms, and 2.5 s at 200 kbit/s in packets of 60 ms.</summary>
    public const int Size = Units * UnitSize;

    /// <summary>Longer packets are refused: at 60 ms this is 200 kbit/s, four times what speech needs.</summary>
    public const int MaxPacket = 1_534;

    /// <summary>A packet of 20 ms of speech is one unit.</summary>
    public const int UnitSize = 64;

    public const int Units = 1_024;

    private const int LengthSize = sizeof(ushort);

    private readonly SpeechMemory _memory;
    private readonly byte[] _units;
    private long _written;
    private long _read;

    private PacketRing(SpeechMemory memory, byte[] units)
    {
        _memory = memory;
        _units = units;
    }

    /// <summary>The worker only.</summary>
    public bool IsEmpty => Volatile.Read(ref _read) == Volatile.Read(ref _written);

    /// <summary>Null at the bound of memory.</summary>
    public static PacketRing? TryCreate(SpeechMemory memory) => memory.TryRent(Size) is { } units ? new PacketRing(memory, units) : null;

    /// <summary>The loop only. Returns how many of the oldest packets were dropped for this one.</summary>
    public int Put(ReadOnlySpan<byte> packet)
    {
        long begin = _written;
        long end = begin + UnitsOf(packet.Length);
        long read = Volatile.Read(ref _read);
        int dropped = 0;
        while (end - read > Units)
        {
            long next = read + UnitsOf(LengthAt(read));

            // When the worker has taken this packet meanwhile, it has moved to the same place or beyond, and the swap changes nothing.
            dropped += Interlocked.CompareExchange(ref _read, next, read) == read ? 1 : 0;
            read = next;
        }

        int at = Index(begin);
        BitConverter.TryWriteBytes(_units.AsSpan(at), (ushort)packet.Length);
        int beforeEnd = Math.Min(packet.Length, Size - at - LengthSize);
        packet[..beforeEnd].CopyTo(_units.AsSpan(at + LengthSize));
        packet[beforeEnd..].CopyTo(_units);
        Volatile.Write(ref _written, end);
        return dropped;
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

            length = LengthAt(read);
            int at = Index(read) + LengthSize;
            int beforeEnd = Math.Min(length, Size - at);
            _units.AsSpan(at, beforeEnd).CopyTo(packet);
            _units.AsSpan(0, length - beforeEnd).CopyTo(packet[beforeEnd..]);
            if (Interlocked.CompareExchange(ref _read, read + UnitsOf(length), read) == read)
            {
                return true;
            }
        }
    }

    /// <summary>The worker, after the last put of the loop.</summary>
    public void Dispose() => _memory.Return(_units, Size);

    private static int Index(long unit) => (int)(unit % Units) * UnitSize;

    private static int UnitsOf(int length) => (LengthSize + length + UnitSize - 1) / UnitSize;

    /// <summary>The length is never cut by the end of the ring, because a unit is longer.</summary>
    private int LengthAt(long unit) => Math.Min((int)BitConverter.ToUInt16(_units, Index(unit)), MaxPacket);
}
