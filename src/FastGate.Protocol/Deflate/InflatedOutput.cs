using System.Buffers;

namespace FastGate.Protocol.Deflate;

/// <summary>A decompressed message in an array of the shared pool. It doubles with what is written, so that a small payload cannot claim much memory at once.</summary>
internal ref struct InflatedOutput(int limit, int capacity)
{
    public byte[] Buffer { get; private set; } = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    /// <summary>False at the limit.</summary>
    public bool TryAdd(byte value)
    {
        if (!TryReserve(1))
        {
            return false;
        }

        Buffer[Length++] = value;
        return true;
    }

    /// <summary>Repeats earlier output, which may overlap with itself. False at the limit.</summary>
    public bool TryRepeat(int distance, int length)
    {
        if (!TryReserve(length))
        {
            return false;
        }

        byte[] buffer = Buffer;
        for (int end = Length + length; Length < end; Length++)
        {
            buffer[Length] = buffer[Length - distance];
        }

        return true;
    }

    private bool TryReserve(int count)
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
}
