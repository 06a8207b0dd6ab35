using System.Buffers;
using System.Text;
using FastGate.Protocol.Deflate;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Deflate;

/// <summary>Compression: zlib and the gateway's own decompression restore every message.</summary>
public sealed class DeflaterTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(15)]
    public void Message_is_restored(int windowBits)
    {
        foreach (byte[] message in InflaterTests.Messages())
        {
            byte[] output = new byte[(message.Length * 2) + 16];
            int length = Deflater.Deflate(message, output, windowBits);

            Assert.InRange(length, 1, output.Length);
            Assert.Equal(message, InflaterTests.Zlib(output[..length]));
            Assert.Equal(OperationStatus.Done, Inflater.Inflate(output.AsSpan(0, length), message.Length, out byte[] buffer, out int inflated));
            Assert.True(buffer.AsSpan(0, inflated).SequenceEqual(message));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [Fact]
    public void Message_that_does_not_get_smaller_is_not_compressed()
    {
        byte[] noise = new byte[2_000];
        new Random(1).NextBytes(noise);

        Assert.Equal(0, Deflater.Deflate(noise, new byte[noise.Length], 15));
        Assert.Equal(0, Deflater.Deflate("a"u8, new byte[1], 15));
    }

    [Fact]
    public void Text_of_the_protocol_gets_smaller()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""{"name":"self.audio_speaker.set_volume","description":"Set the volume of the audio speaker"},""", 8)));

        Assert.InRange(Deflater.Deflate(text, new byte[text.Length], 15), 1, text.Length / 5);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    public void No_reference_leaves_the_window(int windowBits)
    {
        // The second half repeats the first at a distance of twice the window.
        byte[] half = new byte[2 << windowBits];
        new Random(2).NextBytes(half);
        byte[] message = [.. half, .. half];

        int within = Deflater.Deflate(message, new byte[message.Length * 2], windowBits);
        int beyond = Deflater.Deflate(message, new byte[message.Length * 2], 15);

        Assert.True(within > message.Length && beyond < message.Length);
    }

    [Fact]
    public void Compression_allocates_nothing()
    {
        byte[] text = Encoding.UTF8.GetBytes(new string('a', 1_000));
        byte[] output = new byte[1_000];
        Assert.Equal(0, Allocations.Of(() => Deflater.Deflate(text, output, 15), times: 5));
    }
}
