using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Deflate;

/// <summary>
/// Reads bits of a compressed message, the lowest bit of each byte first (RFC 1951 section 3.1.1), and after them the four bytes that the sender has removed
/// (RFC 7692 section 7.2.2). Behind those it reads zeros, and <see cref="IsOverrun"/> becomes true when one of these is taken.
/// </summary>
internal ref struct DeflateBits(ReadOnlySpan<byte> payload)
{
    /// <summary>What <see cref="Count"/> is at least after <see cref="Fill"/>.</summary>
    public const int FilledCount = 56;

    private readonly ReadOnlySpan<byte> _payload = payload;

    // Bytes read, the removed ones and the zeros behind them included. They fill the lowest _count bits.
    private int _position;
    private ulong _bits;
    private int _count;

    /// <summary>The next bits; at least <see cref="Count"/> of them are valid.</summary>
    public readonly ulong Bits => _bits;

    public readonly int Count => _count;

    /// <summary>More bits were taken than there are; the missing ones were zero.</summary>
    public readonly bool IsOverrun => Left < 0;

    /// <summary>Every bit is used, those of the removed bytes too.</summary>
    public readonly bool IsAtEnd => Left <= 0;

    /// <summary>Every bit of the payload is used.</summary>
    public readonly bool IsPayloadUsed => Left <= Tail.Length * 8;

    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    private readonly long Left => (((long)_payload.Length + Tail.Length - _position) * 8) + _count;

    // Inlined: the loop over the codes keeps the fields in registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fill()
    {
        if (_payload.Length - _position >= sizeof(ulong))
        {
            // The bits above _count are those of the next byte, which the next call writes once more.
            _bits |= BinaryPrimitives.ReadUInt64LittleEndian(_payload[_position..]) << _count;
            _position += (63 - _count) >> 3;
            _count |= FilledCount;
            return;
        }

        while (_count < FilledCount)
        {
            _bits |= (ulong)ByteAt(_payload, _position) << _count;
            _position++;
            _count += 8;
        }
    }

    /// <summary>Drops bits that are in the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Drop(int count)
    {
        _bits >>= count;
        _count -= count;
    }

    /// <summary>Takes bits that are in the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeFilled(int count)
    {
        int value = (int)_bits & ((1 << count) - 1);
        Drop(count);
        return value;
    }

    /// <summary>The next bits, at most 16.</summary>
    public int Take(int count)
    {
        if (_count < count)
        {
            Fill();
        }

        return TakeFilled(count);
    }

    /// <summary>Drops the rest of the current byte.</summary>
    public void Align() => Drop(_count & 7);

    /// <summary>Takes whole bytes of the payload, after <see cref="Align"/>. False when there are fewer.</summary>
    public bool TryTakeBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        int start = _position - (_count >> 3);
        bytes = default;
        if (count > _payload.Length - start)
        {
            return false;
        }

        bytes = _payload.Slice(start, count);
        _position = start + count;
        _bits = 0;
        _count = 0;
        return true;
    }

    private static byte ByteAt(ReadOnlySpan<byte> payload, int position) =>
        position < payload.Length ? payload[position]
        : position - payload.Length < Tail.Length ? Tail[position - payload.Length]
        : (byte)0;
}
