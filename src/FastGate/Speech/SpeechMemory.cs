using System.Buffers;

namespace FastGate.Speech;

/// <summary>
/// Lends the blocks that hold sound, under one bound for the whole process. Any thread. At the bound nothing is lent, and the device hears the
/// busy line.
/// </summary>
internal sealed class SpeechMemory(long limit)
{
    private long _lent;

    /// <summary>Bytes that are lent.</summary>
    public long Lent => Volatile.Read(ref _lent);

    public long Limit { get; } = limit;

    /// <summary>A block of at least this size, or null at the bound.</summary>
    public byte[]? TryRent(int bytes)
    {
        if (Interlocked.Add(ref _lent, bytes) > Limit)
        {
            Interlocked.Add(ref _lent, -bytes);
            return null;
        }

        return ArrayPool<byte>.Shared.Rent(bytes);
    }

    /// <param name="block">The block.</param>
    /// <param name="bytes">The size that was asked for.</param>
    public void Return(byte[] block, int bytes)
    {
        Interlocked.Add(ref _lent, -bytes);
        ArrayPool<byte>.Shared.Return(block);
    }
}
