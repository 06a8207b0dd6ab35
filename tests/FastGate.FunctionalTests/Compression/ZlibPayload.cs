using System.IO.Compression;

namespace FastGate.FunctionalTests.Compression;

/// <summary>Payloads of permessage-deflate as different clients make them.</summary>
public static class ZlibPayload
{
    /// <summary>Number of ways of <see cref="Of"/>.</summary>
    public const int Ways = 7;

    /// <summary>Compresses a message in one of several ways, all of which a server must accept.</summary>
    public static byte[] Of(byte[] message, int way) => (way % Ways) switch
    {
        0 => Compress(message, 6, ZLibCompressionStrategy.Default),
        1 => Compress(message, 0, ZLibCompressionStrategy.Default),
        2 => Compress(message, 1, ZLibCompressionStrategy.Fixed),
        3 => Compress(message, 9, ZLibCompressionStrategy.HuffmanOnly),
        4 => Compress(message, 6, ZLibCompressionStrategy.RunLengthEncoding),
        5 => Compress(message, 6, ZLibCompressionStrategy.Default, blocks: 5),
        // The last block is final; a byte of zero begins the empty block whose rest is removed (RFC 7692 section 7.2.3.4).
        _ => [.. Compress(message, 6, ZLibCompressionStrategy.Default, isFinal: true), 0x00],
    };

    private static byte[] Compress(byte[] message, int level, ZLibCompressionStrategy strategy, int blocks = 1, bool isFinal = false)
    {
        using MemoryStream output = new();
        DeflateStream deflate = new(output, new ZLibCompressionOptions { CompressionLevel = level, CompressionStrategy = strategy }, leaveOpen: true);
        for (int block = 0; block < blocks; block++)
        {
            deflate.Write(message.AsSpan((int)((long)message.Length * block / blocks)..(int)((long)message.Length * (block + 1) / blocks)));
            if (!isFinal)
            {
                deflate.Flush();
            }
        }

        byte[] flushed = output.ToArray();
        deflate.Dispose();
        if (isFinal)
        {
            return output.ToArray();
        }

        // A stream that got no byte flushes nothing: one empty block.
        return flushed.Length == 0 ? [0x00] : flushed[..^4];
    }
}
