using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Framing;

/// <summary>Masks and unmasks payload in place (RFC 6455 section 5.3); the two are the same operation. Allocates nothing.</summary>
public static class FrameMask
{
    /// <summary>The payload follows its header unaligned, so each store of a long payload would touch two cache lines, which measured half as fast.</summary>
    private const int WorthAligning = 2048;

    private const int CacheLine = 64;

    /// <summary>Applies the mask to part of a payload. Any length, any alignment.</summary>
    /// <param name="payload">The bytes, changed in place.</param>
    /// <param name="maskKey">The key as <see cref="FrameHeader.MaskKey"/> has it: first byte on the wire lowest.</param>
    /// <param name="offset">Offset of the first byte in the frame's payload, 0 or more.</param>
    public static void Apply(Span<byte> payload, uint maskKey, int offset)
    {
        uint key = Advance(maskKey, offset);
        if (payload.Length >= WorthAligning)
        {
            int before = BytesBeforeCacheLine(payload);
            Apply(payload[..before], key, 0);
            payload = payload[before..];
            key = Advance(key, before);
        }

        if (!BitConverter.IsLittleEndian)
        {
            // From here the key is used as it lies in memory.
            key = BinaryPrimitives.ReverseEndianness(key);
        }

        // Every step but the last three bytes is a multiple of four, so the key never has to turn.
        int done = 0;
        if (payload.Length >= Vector128<byte>.Count)
        {
            if (Vector512.IsHardwareAccelerated && payload.Length >= Vector512<byte>.Count)
            {
                done = Apply512(payload, key);
            }
            else if (Vector256.IsHardwareAccelerated && payload.Length >= Vector256<byte>.Count)
            {
                done = Apply256(payload, key);
            }

            if (Vector128.IsHardwareAccelerated)
            {
                done += Apply128(payload[done..], key);
            }
        }

        ApplyWords(payload[done..], key);
    }

    /// <summary>The key for the payload that begins <paramref name="count"/> bytes further on.</summary>
    /// <param name="maskKey">The key for the present position.</param>
    /// <param name="count">0 or more; only its two lowest bits matter.</param>
    public static uint Advance(uint maskKey, int count) => BitOperations.RotateRight(maskKey, (count & 3) * 8);

    /// <summary>What masking is: section 5.3 word by word. All else in this class must equal it.</summary>
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
        // Four at a time: a long payload is then bound by the stores alone.
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

    internal static int Apply256(Span<byte> payload, uint memoryKey)
    {
        Vector256<byte> mask = Vector256.Create(memoryKey).AsByte();
        ref byte start = ref MemoryMarshal.GetReference(payload);
        int i = 0;
        // Four at a time: a long payload is then bound by the stores alone.
        for (; i <= payload.Length - (4 * Vector256<byte>.Count); i += 4 * Vector256<byte>.Count)
        {
            ref byte at = ref Unsafe.Add(ref start, i);
            Vector256<byte> first = Vector256.LoadUnsafe(ref at) ^ mask;
            Vector256<byte> second = Vector256.LoadUnsafe(ref at, (nuint)Vector256<byte>.Count) ^ mask;
            Vector256<byte> third = Vector256.LoadUnsafe(ref at, 2 * (nuint)Vector256<byte>.Count) ^ mask;
            Vector256<byte> fourth = Vector256.LoadUnsafe(ref at, 3 * (nuint)Vector256<byte>.Count) ^ mask;
            first.StoreUnsafe(ref at);
            second.StoreUnsafe(ref at, (nuint)Vector256<byte>.Count);
            third.StoreUnsafe(ref at, 2 * (nuint)Vector256<byte>.Count);
            fourth.StoreUnsafe(ref at, 3 * (nuint)Vector256<byte>.Count);
        }

        for (; i <= payload.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256.LoadUnsafe(ref start, (nuint)i) ^ mask).StoreUnsafe(ref start, (nuint)i);
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

    /// <summary>Only speed depends on it: the collector may move the memory the moment after.</summary>
    private static unsafe int BytesBeforeCacheLine(Span<byte> payload) =>
        (int)(-(nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(payload)) & (CacheLine - 1));

    /// <summary>Eight bytes, four, and the last three: the whole of a short payload, the rest of a long one.</summary>
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
