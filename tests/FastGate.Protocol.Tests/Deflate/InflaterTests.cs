using System.Buffers;
using System.IO.Compression;
using System.Numerics;
using System.Text;
using FastGate.Protocol.Deflate;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Deflate;

/// <summary>Decompression, compared with zlib and with the examples of RFC 7692 section 7.2.3.</summary>
public sealed class InflaterTests
{
    private const int Limit = 1 << 20;

    [Theory]
    [InlineData("F248CDC9C90700", "Hello")]
    [InlineData("000500FAFF48656C6C6F00", "Hello")]
    [InlineData("F348CDC9C9070000", "Hello")]
    [InlineData("F348CDC9C90700", "Hello")]
    [InlineData("F248050000 00FFFF CAC9C90700", "Hello")]
    [InlineData("00", "")]
    [InlineData("0200", "")]
    [InlineData("0300", "")]
    public void Example_is_decompressed(string payload, string expected) =>
        Assert.Equal((OperationStatus.Done, expected), Inflate(Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal)), Limit));

    [Theory]
    [InlineData("")]
    [InlineData("06")]
    [InlineData("07")]
    [InlineData("F248CDC9C9")]
    [InlineData("000500FAFE48656C6C6F00")]
    [InlineData("000500FAFF4865")]
    [InlineData("0AFF")]
    [InlineData("FFFFFFFF")]
    [InlineData("4204FD")]
    public void Malformed_or_truncated_message_is_invalid(string payload) =>
        Assert.Equal(OperationStatus.InvalidData, Inflate(Convert.FromHexString(payload), Limit).Status);

    [Fact]
    public void Every_message_that_zlib_compresses_is_decompressed()
    {
        foreach (byte[] message in Messages())
        {
            foreach (byte[] payload in Compressed(message))
            {
                Check(payload, message);
            }
        }
    }

    [Fact]
    public void Changed_messages_are_accepted_only_where_zlib_accepts_them()
    {
        var random = new Random(5);
        byte[][] payloads = [.. Messages().Where(static message => message.Length < 3_000).SelectMany(Compressed)];
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] payload = (byte[])payloads[i % payloads.Length].Clone();
            for (int change = random.Next(3); change >= 0 && payload.Length > 0; change--)
            {
                payload[random.Next(payload.Length)] ^= (byte)(1 << random.Next(8));
            }

            OperationStatus status = Inflater.Inflate(payload, Limit, out byte[] buffer, out int length);
            if (status == OperationStatus.Done)
            {
                accepted++;

                // zlib ends at a final block, which a changed bit can make of any.
                byte[] expected = Zlib(payload);
                Assert.True(buffer.AsSpan(0, length).StartsWith(expected), Convert.ToHexString(payload));
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }

        Assert.True(accepted > 100, $"{accepted}");
    }

    [Fact]
    public void Every_cut_of_a_message_is_invalid_or_a_shorter_message()
    {
        byte[] message = Encoding.UTF8.GetBytes("""{"type":"listen","state":"start","mode":"auto"}""");
        byte[] payload = Compressed(message)[0];
        for (int length = 0; length < payload.Length - 1; length++)
        {
            Assert.Equal(OperationStatus.InvalidData, Inflate(payload[..length], Limit).Status);
        }
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(65_536)]
    public void Message_above_the_limit_is_refused_while_it_is_decompressed(int limit)
    {
        // 16 MB of zeros in 163 KB.
        byte[] bomb = new byte[256 << 10];
        bomb = bomb[..Deflater.Deflate(new byte[16 << 20], bomb, Deflater.MaxWindowBits)];

        OperationStatus status = Inflater.Inflate(bomb, limit, out byte[] buffer, out int length);

        Assert.Equal(OperationStatus.DestinationTooSmall, status);
        Assert.True(length <= limit && buffer.Length <= limit * 4);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    [Fact]
    public void Limit_is_exact()
    {
        byte[] payload = Compressed(new byte[5_000])[0];

        Assert.Equal(OperationStatus.Done, Inflate(payload, 5_000).Status);
        Assert.Equal(OperationStatus.DestinationTooSmall, Inflate(payload, 4_999).Status);
    }

    [Fact]
    public void Decompression_allocates_nothing()
    {
        byte[][] payloads = [.. Messages().Where(static message => message.Length < 3_000).SelectMany(Compressed), [0xFF, 0xFF], []];
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (byte[] payload in payloads)
            {
                Inflater.Inflate(payload, Limit, out byte[] buffer, out _);
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }, times: 5));
    }

    internal static IEnumerable<byte[]> Messages()
    {
        var random = new Random(3);
        yield return Encoding.UTF8.GetBytes("a");
        yield return Encoding.UTF8.GetBytes("""{"type":"tts","state":"sentence_start","text":"你好，我在呢，有什么可以帮你？"}""");
        yield return new byte[300];
        yield return new byte[70_000];
        yield return [.. Enumerable.Range(0, 1_000).Select(static i => (byte)i)];

        // Each value is about half as frequent as the one before, so the rare ones have codes of up to 15 bits.
        yield return [.. Enumerable.Range(0, 60_000).Select(_ => (byte)(7 * BitOperations.TrailingZeroCount(random.Next() | (1 << 24))))];
        foreach (int size in (int[])[3, 4, 5, 257, 258, 259, 260, 511, 2_000, 40_000, 70_000])
        {
            byte[] noise = new byte[size];
            random.NextBytes(noise);
            yield return noise;
            yield return [.. noise.Select(static value => (byte)('a' + (value & 3)))];
            yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, (size / 20) + 1).Select(i => $"{{\"id\":{random.Next(50)},\"n\":{i}}}")));
        }
    }

    /// <summary>The message by every strategy of zlib, as payloads of permessage-deflate.</summary>
    internal static byte[][] Compressed(byte[] message)
    {
        var payloads = new List<byte[]>();
        foreach (ZLibCompressionStrategy strategy in Enum.GetValues<ZLibCompressionStrategy>())
        {
            foreach (int level in (int[])[6, 0, 1])
            {
                using var output = new MemoryStream();
                using (var deflate = new DeflateStream(output, new ZLibCompressionOptions { CompressionLevel = level, CompressionStrategy = strategy }, leaveOpen: true))
                {
                    deflate.Write(message);
                    deflate.Flush();
                    byte[] flushed = output.ToArray();
                    Assert.True(flushed.AsSpan().EndsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0xFF, 0xFF]));
                    payloads.Add(flushed[..^4]);
                }

                // Ends with a final block.
                payloads.Add(output.ToArray());
            }
        }

        return [.. payloads];
    }

    private static void Check(byte[] payload, byte[] expected)
    {
        OperationStatus status = Inflater.Inflate(payload, Limit, out byte[] buffer, out int length);
        Assert.Equal(OperationStatus.Done, status);
        Assert.True(buffer.AsSpan(0, length).SequenceEqual(expected));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static (OperationStatus Status, string Text) Inflate(byte[] payload, int limit)
    {
        OperationStatus status = Inflater.Inflate(payload, limit, out byte[] buffer, out int length);
        string text = Encoding.UTF8.GetString(buffer, 0, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return (status, text);
    }

    /// <summary>With the removed bytes and a final block behind them.</summary>
    internal static byte[] Zlib(byte[] payload)
    {
        using var stream = new DeflateStream(new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF, 0x03, 0x00]), CompressionMode.Decompress);
        using var output = new MemoryStream();
        stream.CopyTo(output);
        return output.ToArray();
    }
}
