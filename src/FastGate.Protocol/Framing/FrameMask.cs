using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Framing;

/// <summary>Masks and unmasks payloads in place (RFC 6455 section 5.3): byte i is XORed with byte i mod 4 of the key, so both are one operation. No allocation.</summary>
public static class FrameMask
{
    /// <summary>From this length, in bytes, the payload is aligned first: unaligned stores touch two cache lines each, which measured half as fast.</summary>
    private const int AlignFrom = 2048;

    private const int CacheLine = 64;

    /// <summary>Applies the mask to part of a payload of any length and alignment.</summary>
    /// <param name="payload">The bytes, changed in place.</param>
    /// <param name="maskKey">The key in the byte order of <see cref="FrameHeader.MaskKey"/>: first byte on the wire in the lowest bits.</param>
    /// <param name="offset">Offset of the first byte in the frame's payload, 0 or more.</param>
    public static void Apply(Span<byte> payload, uint maskKey, int offset)
    {
        uint key = Advance(maskKey, offset);
        if (payload.Length >= AlignFrom)
        {
            int before = BytesBeforeCacheLine(payload);
            Apply(payload[..before], key, 0);
            payload = payload[before..];
            key = Advance(key, before);
        }

        if (!BitConverter.IsLittleEndian)
        {
            // From here the key has the byte order of memory.
            key = BinaryPrimitives.ReverseEndianness(key);
        }

        // Each step processes a multiple of four bytes, except the last three, so the key needs no rotation.
        int done = 0;
        if (Vector128.IsHardwareAccelerated && payload.Length >= Vector128<byte>.Count)
        {
            if (payload.Length >= Vector512<byte>.Count)
            {
                done = Apply512(payload, key);
            }

            done += Apply128(payload[done..], key);
        }

        ApplyWords(payload[done..], key);
    }

    /// <summary>The key for the byte that is <paramref name="count"/> bytes further in the payload.</summary>
    /// <param name="maskKey">The key for the current position.</param>
    /// <param name="count">0 or more; only its two lowest bits matter.</param>
    public static uint Advance(uint maskKey, int count) => BitOperations.RotateRight(maskKey, (count & 3) * 8);

    /// <summary>Reference implementation by the text of section 5.3; tests compare all other methods with it.</summary>
    internal static void ApplyScalar(Span<byte> payload, uint maskKey, int offset)
    {
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] ^= (byte)(maskKey >> (((i + offset) & 3) * 8));
        }
    }

    internal static int Apply512(Span<byte> payload, uint memoryKey)
    {
        Vector512<byte> mask = Vector512.Create(memoryKey).AsByte();
        ref byte start = ref MemoryMarshal.GetReference(payload);
        int i = 0;
        // Unrolled four times: stores then limit the speed of a long payload.
        for (; i <= payload.Length - (4 * Vector512<byte>.Count); i += 4 * Vector512<byte>.Count)
        {
            ref byte at = ref Unsafe.Add(ref start, i);
            Vector512<byte> first = Vector512.LoadUnsafe(ref at) ^ mask;
            Vector512<byte> second = Vector512.LoadUnsafe(ref at, (nuint)Vector512<byte>.Count) ^ mask;
            Vector512<byte> third = Vector512.LoadUnsafe(ref at, 2 * (nuint)Vector512<byte>.Count) ^ mask;
            Vector512<byte> fourth = Vector512.LoadUnsafe(ref at, 3 * (nuint)Vector512<byte>.Count) ^ mask;
            first.StoreUnsafe(ref at);
            second.StoreUnsafe(ref at, (nuint)Vector512<byte>.Count);
            third.StoreUnsafe(ref at, 2 * (nuint)Vector512<byte>.Count);
            fourth.StoreUnsafe(ref at, 3 * (nuint)Vector512<byte>.Count);
        }

        for (; i <= payload.Length - Vector512<byte>.Count; i += Vector512<byte>.Count)
        {
            (Vector512.LoadUnsafe(ref start, (nuint)i) ^ mask).StoreUnsafe(ref start, (nuint)i);
        }

        return i;
    }

    internal static int Apply128(Span<byte> payload, uint memoryKey)
    {
        Vector128<byte> mask = Vector128.Create(memoryKey).AsByte();
        ref byte start = ref MemoryMarshal.GetReference(payload);
        int i = 0;
        for (; i <= payload.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128.LoadUnsafe(ref start, (nuint)i) ^ mask).StoreUnsafe(ref start, (nuint)i);
        }

        return i;
    }

    /// <summary>Only speed depends on the result: the garbage collector may move the memory at any time.</summary>
    private static unsafe int BytesBeforeCacheLine(Span<byte> payload) =>
        (int)(-(nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(payload)) & (CacheLine - 1));

    /// <summary>Steps of eight bytes, four, and the last three: a whole short payload, or the rest of a long one.</summary>
    internal static void ApplyWords(Span<byte> payload, uint memoryKey)
    {
        ref byte start = ref MemoryMarshal.GetReference(payload);
        ulong wide = memoryKey | ((ulong)memoryKey << 32);
        int i = 0;
        for (; i <= payload.Length - sizeof(ulong); i += sizeof(ulong))
        {
            ref byte at = ref Unsafe.Add(ref start, i);
            Unsafe.WriteUnaligned(ref at, Unsafe.ReadUnaligned<ulong>(ref at) ^ wide);
        }

        if (i <= payload.Length - sizeof(uint))
        {
            ref byte at = ref Unsafe.Add(ref start, i);
            Unsafe.WriteUnaligned(ref at, Unsafe.ReadUnaligned<uint>(ref at) ^ memoryKey);
            i += sizeof(uint);
        }

        uint key = BitConverter.IsLittleEndian ? memoryKey : BinaryPrimitives.ReverseEndianness(memoryKey);
        for (; i < payload.Length; i++)
        {
            payload[i] ^= (byte)key;
            key >>= 8;
        }
    }
}
