using System.Buffers;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>Floods of frames end at a limit or need constant memory.</summary>
public class FrameFloodTests
{
    private static readonly MessageLimits s_limits = new(64 * 1024, 256 * 1024, 64);

    [Fact]
    public void Endless_empty_continuations_fail_at_the_fragment_limit()
    {
        var assembler = default(MessageAssembler);
        Assert.Equal(64, FramesUntilFailure(ref assembler, Wire.Frame(Opcode.Text, "", fin: false), Wire.Frame(Opcode.Continuation, "", fin: false)));
        Assert.Equal(FrameError.TooManyFragments, assembler.Error);
        Assert.Equal(0, assembler.RentedBytes);
    }

    [Fact]
    public void Endless_one_byte_fragments_fail_at_the_fragment_limit()
    {
        var assembler = default(MessageAssembler);
        Assert.Equal(64, FramesUntilFailure(ref assembler, Wire.Frame(Opcode.Binary, [1], fin: false), Wire.Frame(Opcode.Continuation, [1], fin: false)));
        Assert.Equal(FrameError.TooManyFragments, assembler.Error);
    }

    [Fact]
    public void Endless_full_fragments_fail_at_the_message_limit()
    {
        var assembler = default(MessageAssembler);
        byte[] full = new byte[64 * 1024];
        Assert.Equal(4, FramesUntilFailure(ref assembler, Wire.Frame(Opcode.Binary, full, fin: false), Wire.Frame(Opcode.Continuation, full, fin: false)));
        Assert.Equal(FrameError.MessageTooBig, assembler.Error);
        Assert.Equal(0, assembler.RentedBytes);
    }

    [Theory]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public void Hundred_thousand_pings_or_pongs_are_delivered_with_constant_memory(Opcode opcode)
    {
        var assembler = default(MessageAssembler);
        byte[] frame = Wire.Frame(opcode, new byte[125]);
        byte[] scratch = new byte[frame.Length];

        // A fragmented message is in progress; control frames must not grow its buffer.
        Span<byte> input = Wire.Frame(Opcode.Binary, [1], fin: false);
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, s_limits, out _));
        for (int i = 0; i < 100_000; i++)
        {
            frame.CopyTo(scratch, 0);
            input = scratch;
            Assert.Equal(OperationStatus.Done, assembler.Read(ref input, s_limits, out AssembledMessage message));
            Assert.Equal((opcode, 125), (message.Opcode, message.Payload.Length));
        }

        Assert.InRange(assembler.RentedBytes, 1, 128);
        input = Wire.Frame(Opcode.Continuation, [2]);
        Assert.Equal(OperationStatus.Done, assembler.Read(ref input, s_limits, out AssembledMessage binary));
        Assert.Equal("0102", Convert.ToHexString(binary.Payload));
        assembler.Dispose();
    }

    [Fact]
    public void Only_the_first_close_is_delivered()
    {
        var wire = new Wire();
        for (int i = 0; i < 1000; i++)
        {
            wire.Add(Opcode.Close, [0x03, 0xE8]);
        }

        Assert.Equal("Close 03E8\nbetween messages", Transcript.Read(wire.Bytes, s_limits));
        Assert.Equal("Close 03E8\nbetween messages", Transcript.Read(wire.Bytes, s_limits, 3));
    }

    private static int FramesUntilFailure(ref MessageAssembler assembler, byte[] first, byte[] next)
    {
        byte[] scratch = new byte[Math.Max(first.Length, next.Length)];
        for (int i = 0; i < 1_000_000; i++)
        {
            byte[] frame = i == 0 ? first : next;
            frame.CopyTo(scratch, 0);
            Span<byte> input = scratch.AsSpan(0, frame.Length);
            if (assembler.Read(ref input, s_limits, out _) == OperationStatus.InvalidData)
            {
                return i;
            }
        }

        return -1;
    }
}
