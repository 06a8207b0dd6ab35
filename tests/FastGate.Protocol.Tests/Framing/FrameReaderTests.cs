using System.Buffers;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class FrameReaderTests
{
    [Theory]
    [InlineData(0, 6)]
    [InlineData(1, 6)]
    [InlineData(124, 6)]
    [InlineData(125, 6)]
    [InlineData(126, 8)]
    [InlineData(127, 8)]
    [InlineData(65534, 8)]
    [InlineData(65535, 8)]
    [InlineData(65536, 14)]
    [InlineData(65537, 14)]
    [InlineData(int.MaxValue, 14)]
    [InlineData(int.MaxValue + 1L, 14)]
    [InlineData(uint.MaxValue + 1L, 14)]
    [InlineData(long.MaxValue, 14)]
    public void Try_read_accepts_minimal_lengths(long length, int size)
    {
        foreach (bool fin in new[] { true, false })
        {
            foreach (Opcode opcode in new[] { Opcode.Continuation, Opcode.Text, Opcode.Binary })
            {
                byte[] wire = Wire.Header((byte)((fin ? 0x80 : 0) | (int)opcode), length);
                Assert.Equal(size, wire.Length);
                AssertNeedsEveryByte(wire);
                FrameHeader header = ReadDone([.. wire, 1, 2, 3], size);
                Assert.Equal((opcode, fin, length, Wire.Key), (header.Opcode, header.Fin, header.PayloadLength, header.MaskKey));
                Assert.True(header.Masked);
                Assert.False(header.IsControl);
                Assert.Equal(size, header.Size);
            }
        }
    }

    [Theory]
    [InlineData(Opcode.Close)]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public void Try_read_accepts_control_frames_up_to_125_bytes(Opcode opcode)
    {
        for (int length = 0; length <= 125; length++)
        {
            byte[] wire = Wire.Header((byte)(0x80 | (int)opcode), length);
            AssertNeedsEveryByte(wire);
            FrameHeader header = ReadDone(wire, 6);
            Assert.Equal((opcode, true, length), (header.Opcode, header.IsControl, (int)header.PayloadLength));
        }

        Assert.Equal(FrameError.ControlTooLong, ReadError(Wire.Header((byte)(0x80 | (int)opcode), 126)));
        Assert.Equal(FrameError.ControlTooLong, ReadError(Wire.Header((byte)(0x80 | (int)opcode), 65536)));
        Assert.Equal(FrameError.ControlFragmented, ReadError(Wire.Header((byte)opcode, 0)));
    }

    [Fact]
    public void Try_read_checks_every_value_of_the_first_byte()
    {
        for (int first = 0; first < 256; first++)
        {
            int opcode = first & 0xF;
            FrameError expected = (first & 0x70) != 0 ? FrameError.ReservedBits
                : opcode is (> 2 and < 8) or > 10 ? FrameError.ReservedOpcode
                : opcode >= 8 && first < 0x80 ? FrameError.ControlFragmented
                : FrameError.None;
            foreach (int length in new[] { 0, 5, 125 })
            {
                byte[] wire = Wire.Header((byte)first, length);
                Assert.Equal(expected, ReadError(wire));

                // The first byte is enough.
                Assert.Equal(expected, ReadError(wire[..1]));
            }
        }
    }

    [Fact]
    public void Try_read_refuses_an_unmasked_frame_at_its_second_byte()
    {
        foreach (int length in new[] { 0, 1, 125, 126, 127 })
        {
            Assert.Equal(FrameError.NotMasked, ReadError([0x82, (byte)length]));
            Assert.Equal(FrameError.NotMasked, ReadError([0x82, (byte)length, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]));
        }

        Assert.Equal(FrameError.NotMasked, ReadError([0x89, 0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public void Try_read_refuses_16_bits_for_a_length_that_fits_7(int length) =>
        Assert.Equal(FrameError.LengthNotMinimal, ReadError([0x82, 0xFE, (byte)(length >> 8), (byte)length]));

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    public void Try_read_refuses_64_bits_for_a_length_that_fits_16(int length) =>
        Assert.Equal(FrameError.LengthNotMinimal, ReadError([0x82, 0xFF, 0, 0, 0, 0, 0, 0, (byte)(length >> 8), (byte)length]));

    [Theory]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public void Try_read_refuses_the_highest_bit_of_a_64_bit_length(byte highest)
    {
        Assert.Equal(FrameError.LengthOverflow, ReadError([0x82, 0xFF, highest]));
        Assert.Equal(FrameError.LengthOverflow, ReadError([0x82, 0xFF, highest, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    }

    [Fact]
    public void Try_read_needs_more_data_when_empty() =>
        Assert.Equal(OperationStatus.NeedMoreData, FrameReader.TryRead([], out _, out _, out _));

    [Fact]
    public void Try_read_server_frame_requires_an_unmasked_frame()
    {
        foreach (int length in new[] { 0, 125, 126, 65535, 65536 })
        {
            byte[] wire = new byte[FrameHeader.MaxUnmaskedSize];
            int size = FrameWriter.WriteHeader(wire, Opcode.Binary, fin: true, length);
            Assert.Equal(OperationStatus.Done, FrameReader.TryReadServerFrame(wire.AsSpan(0, size), out FrameHeader header, out int consumed, out _));
            Assert.Equal((length, size, false), ((int)header.PayloadLength, consumed, header.Masked));
            for (int i = 0; i < size; i++)
            {
                Assert.Equal(OperationStatus.NeedMoreData, FrameReader.TryReadServerFrame(wire.AsSpan(0, i), out _, out _, out _));
            }
        }

        Assert.Equal(OperationStatus.InvalidData, FrameReader.TryReadServerFrame([0x82, 0x80], out _, out _, out FrameError error));
        Assert.Equal(FrameError.Masked, error);
    }

    [Fact]
    public void Try_read_never_throws_and_never_consumes_more_than_the_input()
    {
        var random = new Random(20260101);
        Span<byte> wire = stackalloc byte[16];
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(wire);
            int length = random.Next(17);
            OperationStatus status = FrameReader.TryRead(wire[..length], out FrameHeader header, out int consumed, out FrameError error);
            Assert.Equal(status == OperationStatus.InvalidData, error != FrameError.None);
            Assert.Equal(status == OperationStatus.Done ? header.Size : 0, consumed);
            Assert.InRange(consumed, 0, length);
            Assert.True(header.PayloadLength >= 0);
        }
    }

    private static void AssertNeedsEveryByte(byte[] header)
    {
        for (int length = 0; length < header.Length; length++)
        {
            OperationStatus status = FrameReader.TryRead(header.AsSpan(0, length), out _, out int consumed, out FrameError error);
            Assert.Equal((OperationStatus.NeedMoreData, 0, FrameError.None), (status, consumed, error));
        }
    }

    private static FrameHeader ReadDone(byte[] wire, int size)
    {
        OperationStatus status = FrameReader.TryRead(wire, out FrameHeader header, out int consumed, out FrameError error);
        Assert.Equal((OperationStatus.Done, size, FrameError.None), (status, consumed, error));
        return header;
    }

    private static FrameError ReadError(byte[] wire)
    {
        OperationStatus status = FrameReader.TryRead(wire, out _, out int consumed, out FrameError error);
        Assert.Equal(error != FrameError.None, status == OperationStatus.InvalidData);
        Assert.True(status == OperationStatus.Done || consumed == 0);
        return error;
    }
}
