using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class FrameMaskTests
{
    private const uint Key = 0x04_83_42_C1;

    [Fact]
    public void Apply_matches_the_example_of_the_rfc()
    {
        // RFC 6455 section 5.7: "Hello" masked with 37 fa 21 3d.
        byte[] payload = "Hello"u8.ToArray();
        FrameMask.Apply(payload, 0x3D21FA37, 0);
        Assert.Equal([0x7F, 0x9F, 0x4D, 0x51, 0x58], payload);
    }

    [Fact]
    public void Apply_equals_the_reference_for_every_length_offset_and_alignment()
    {
        for (int length = 0; length <= 130; length++)
        {
            for (int offset = 0; offset < 8; offset++)
            {
                for (int alignment = 0; alignment < 8; alignment++)
                {
                    AssertEqualsScalar(length, offset, alignment);
                }
            }
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(4096 + 3)]
    public void Apply_equals_the_reference_for_long_payloads(int length)
    {
        for (int alignment = 0; alignment < 64; alignment++)
        {
            for (int offset = 0; offset < 4; offset++)
            {
                AssertEqualsScalar(length, offset, alignment);
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(0)]
    public void Each_vector_width_equals_the_reference_on_any_machine(int width)
    {
        for (int length = 0; length <= 260; length++)
        {
            byte[] expected = Noise(length);
            byte[] actual = Noise(length);
            uint memoryKey = BitConverter.IsLittleEndian ? Key : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(Key);
            int done = width switch
            {
                16 => FrameMask.Apply128(actual, memoryKey),
                64 => FrameMask.Apply512(actual, memoryKey),
                _ => 0,
            };
            Assert.Equal(width == 0 ? 0 : length / width * width, done);
            FrameMask.ApplyWords(actual.AsSpan(done), memoryKey);
            FrameMask.ApplyScalar(expected, Key, 0);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Apply_in_segments_equals_apply_at_once()
    {
        byte[] expected = Noise(1000);
        FrameMask.ApplyScalar(expected, Key, 0);
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            byte[] byOffset = Noise(1000);
            byte[] byKey = Noise(1000);
            uint key = Key;
            for (int at = 0; at < 1000;)
            {
                int size = Math.Min(random.Next(0, 90), 1000 - at);
                FrameMask.Apply(byOffset.AsSpan(at, size), Key, at);
                FrameMask.Apply(byKey.AsSpan(at, size), key, 0);
                key = FrameMask.Advance(key, size);
                at += size;
            }

            Assert.Equal(expected, byOffset);
            Assert.Equal(expected, byKey);
        }
    }

    [Fact]
    public void Apply_twice_restores_the_payload()
    {
        byte[] payload = Noise(333);
        FrameMask.Apply(payload, Key, 3);
        FrameMask.Apply(payload, Key, 3);
        Assert.Equal(Noise(333), payload);
    }

    private static void AssertEqualsScalar(int length, int offset, int alignment)
    {
        byte[] expected = Noise(length + 80);
        byte[] actual = Noise(length + 80);
        FrameMask.ApplyScalar(expected.AsSpan(alignment, length), Key, offset);
        FrameMask.Apply(actual.AsSpan(alignment, length), Key, offset);

        // Compare the whole arrays to detect stores outside the payload.
        Assert.Equal(expected, actual);
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
