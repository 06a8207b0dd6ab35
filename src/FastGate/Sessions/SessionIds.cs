using System.Security.Cryptography;

namespace FastGate.Sessions;

/// <summary>
/// Session ids: random UUIDs of version 4. A thread takes the random bytes of 256 ids at once, because <see cref="Guid.NewGuid"/> makes a system call
/// for each id.
/// </summary>
internal static class SessionIds
{
    private const int IdLength = 16;
    private const int IdsPerBlock = 256;

    [ThreadStatic]
    private static byte[]? t_block;

    [ThreadStatic]
    private static int t_left;

    public static Guid Next()
    {
        byte[] block = t_block ??= new byte[IdsPerBlock * IdLength];
        if (t_left == 0)
        {
            RandomNumberGenerator.Fill(block);
            t_left = IdsPerBlock;
        }

        Span<byte> id = block.AsSpan(--t_left * IdLength, IdLength);

        // RFC 9562 section 5.4: version and variant.
        id[6] = (byte)((id[6] & 0x0F) | 0x40);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
