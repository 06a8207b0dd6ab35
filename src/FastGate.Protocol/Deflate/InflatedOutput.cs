using System.Buffers;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Deflate;

/// <summary>A decompressed message in an array of the shared pool. It doubles with what is written, so that a small payload cannot claim much memory at once.</summary>
internal ref struct InflatedOutput(int limit, int capacity)
{
    public byte[] Buffer { get; private set; } = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; set; }

    /// <summary>What may be written without growing: the array, up to the limit.</summary>
    public readonly Span<byte> Room => Buffer.AsSpan(0, Math.Min(Buffer.Length, limit));

    /// <summary>False at the limit.</summary>
    public bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        if (!TryReserve(bytes.Length))
        {
            return false;
        }

        bytes.CopyTo(Buffer.AsSpan(Length));
        Length += bytes.Length;
        return true;
    }

    /// <summary>Makes room for more bytes. False at the limit.</summary>
    public bool TryReserve(int count)
    {
        if (count > limit - Length)
        {
            return false;
        }

        if (count > Buffer.Length - Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, Buffer.Length * 2));
            Buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(Buffer);
            Buffer = larger;
        }

        return true;
    }

    /// <summary>Repeats earlier output, which may overlap with itself. What is behind it in the room may be overwritten.</summary>
    public static void Repeat(Span<byte> room, int at, int distance, int length)
    {
        int from = at - distance;
        if (distance >= Vector128<byte>.Count && room.Length - at >= length + Vector128<byte>.Count)
        {
            for (int end = at + length; at < end; at += Vector128<byte>.Count, from += Vector128<byte>.Count)
            {
                Vector128.Create<byte>(room.Slice(from, Vector128<byte>.Count)).CopyTo(room[at..]);
            }

            return;
        }

        // What is copied doubles with each step.
        while (length > 0)
        {
            int count = Math.Min(length, at - from);
            room.Slice(from, count).CopyTo(room[at..]);
            at += count;
            length -= count;
        }
    }
}
