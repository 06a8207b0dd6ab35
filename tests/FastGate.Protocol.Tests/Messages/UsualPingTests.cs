using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;

namespace FastGate.Protocol.Tests.Messages;

public sealed class UsualPingTests
{
    private static readonly uint[] s_keys = [0, 0x12345678, 0x80000001, uint.MaxValue];

    [Fact]
    public void Whole_pings_of_any_key_are_counted()
    {
        for (int count = 0; count < 20; count++)
        {
            byte[] input = [.. Enumerable.Range(0, count).SelectMany(static i => Frame("""{"type":"ping"}""", s_keys[i % s_keys.Length]))];
            Assert.Equal(count, UsualPing.Count(input));
        }
    }

    [Fact]
    public void Every_cut_of_two_pings_is_left_to_the_frame_reader()
    {
        byte[] two = [.. Frame("""{"type":"ping"}""", 0x12345678), .. Frame("""{"type":"ping"}""", 0x9ABCDEF0)];
        for (int length = 0; length <= two.Length; length++)
        {
            Assert.Equal(length % UsualPing.FrameSize == 0 ? length / UsualPing.FrameSize : 0, UsualPing.Count(two.AsSpan(0, length)));
        }
    }

    /// <summary>Except in the key, where the payload changes with it.</summary>
    [Fact]
    public void Every_other_bit_is_left_to_the_frame_reader()
    {
        byte[] frames = [.. Frame("""{"type":"ping"}""", 0x12345678), .. Frame("""{"type":"ping"}""", 0x9ABCDEF0)];
        for (int bit = 0; bit < frames.Length * 8; bit++)
        {
            frames[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(0, UsualPing.Count(frames));
            frames[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(2, UsualPing.Count(frames));
    }

    [Theory]
    [InlineData("""{"type":"pong"}""")]
    [InlineData("""{"Type":"ping"}""")]
    [InlineData("""{"type": "ping"}""")]
    public void Another_message_is_left_to_the_frame_reader(string text) => Assert.Equal(0, UsualPing.Count(Frame(text, 0x12345678)));

    [Fact]
    public void Counting_allocates_nothing()
    {
        byte[] input = Frame("""{"type":"ping"}""", 0x12345678);
        UsualPing.Count(input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        UsualPing.Count(input);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Frame(string text, uint key)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedMessage(writer, Opcode.Text, System.Text.Encoding.UTF8.GetBytes(text), key);
        return writer.WrittenSpan.ToArray();
    }
}
