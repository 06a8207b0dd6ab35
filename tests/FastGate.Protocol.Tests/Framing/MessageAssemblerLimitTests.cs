using System.Buffers;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerLimitTests
{
    private static readonly MessageLimits s_limits = new(Frame: 100, Message: 250, Fragments: 4);

    [Fact]
    public void Frame_limit_is_inclusive()
    {
        Assert.Equal($"Binary {Hex(100)}\nbetween messages", Transcript.ReadEveryCut(Wire.Frame(Opcode.Binary, Bytes(100)), s_limits));
        Assert.Equal("FrameTooBig 1009\nbetween messages", Transcript.ReadEveryCut(Wire.Frame(Opcode.Binary, Bytes(101)), s_limits));
        Assert.Equal(
            "FrameTooBig 1009\nbetween messages",
            Transcript.ReadEveryCut(new Wire().Add(Opcode.Binary, [1], fin: false).Add(Opcode.Continuation, Bytes(101)).Bytes, s_limits));
    }

    [Fact]
    public void Message_limit_counts_all_fragments()
    {
        Wire upTo200 = new Wire().Add(Opcode.Binary, Bytes(100), fin: false).Add(Opcode.Continuation, Bytes(100), fin: false);
        byte[] start = upTo200.Bytes;
        byte[] exact = [.. start, .. Wire.Frame(Opcode.Continuation, Bytes(50))];
        Assert.Equal($"Binary {Hex(100)}{Hex(100)}{Hex(50)}\nbetween messages", Transcript.Read(exact, s_limits, 7));
        byte[] above = [.. start, .. Wire.Frame(Opcode.Continuation, Bytes(51))];
        Assert.Equal("MessageTooBig 1009\nbetween messages", Transcript.ReadEveryCut(above, s_limits));
    }

    [Fact]
    public void Message_limit_below_the_frame_limit_applies_to_single_frames()
    {
        var limits = new MessageLimits(Frame: 100, Message: 10, Fragments: 4);
        Assert.Equal($"Binary {Hex(10)}\nbetween messages", Transcript.Read(Wire.Frame(Opcode.Binary, Bytes(10)), limits));
        Assert.Equal("MessageTooBig 1009\nbetween messages", Transcript.Read(Wire.Frame(Opcode.Binary, Bytes(11)), limits));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fragment_limit_is_inclusive_and_counts_empty_fragments(int size)
    {
        foreach (int count in new[] { 1, 4, 5, 64 })
        {
            var wire = new Wire();
            for (int i = 0; i < count; i++)
            {
                wire.Add(i == 0 ? Opcode.Binary : Opcode.Continuation, Bytes(size), fin: i == count - 1);
            }

            string expected = count <= 4 ? $"Binary {string.Concat(Enumerable.Repeat(Hex(size), count))}\n" : "TooManyFragments 1008\n";
            Assert.Equal($"{expected}between messages", Transcript.ReadEveryCut(wire.Bytes, s_limits));
        }
    }

    [Fact]
    public void Fragment_count_restarts_per_message_and_ignores_control_frames()
    {
        var wire = new Wire();
        string expected = "";
        for (int message = 0; message < 3; message++)
        {
            for (int i = 0; i < 4; i++)
            {
                wire.Add(i == 0 ? Opcode.Binary : Opcode.Continuation, [(byte)i], fin: i == 3).Add(Opcode.Ping, "");
                expected += i < 3 ? "Ping \n" : "Binary 00010203\nPing \n";
            }
        }

        Assert.Equal($"{expected}between messages", Transcript.ReadEveryCut(wire.Bytes, s_limits));
    }

    [Fact]
    public void Fragment_limit_of_one_forbids_fragmentation()
    {
        var limits = new MessageLimits(100, 100, 1);
        Assert.Equal("Binary 01\nbetween messages", Transcript.Read(Wire.Frame(Opcode.Binary, [1]), limits));
        byte[] two = new Wire().Add(Opcode.Binary, [1], fin: false).Add(Opcode.Continuation, [2]).Bytes;
        Assert.Equal("TooManyFragments 1008\nbetween messages", Transcript.Read(two, limits));
    }

    [Fact]
    public void Control_frames_ignore_data_limits() =>
        Assert.Equal(
            $"Ping {Hex(125)}\nbetween messages",
            Transcript.ReadEveryCut(Wire.Frame(Opcode.Ping, Bytes(125)), new MessageLimits(10, 10, 1)));

    [Theory]
    [InlineData(101)]
    [InlineData(65536)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue + 1L)]
    [InlineData(long.MaxValue)]
    public void Too_long_frame_is_refused_at_its_header_without_renting_memory(long length)
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = Wire.Header(0x82, length);
        Assert.Equal(OperationStatus.InvalidData, assembler.Read(ref input, s_limits, out _));
        Assert.Equal(FrameError.FrameTooBig, assembler.Error);
        Assert.Equal(0, assembler.RentedBytes);
    }

    [Fact]
    public void Memory_grows_with_received_bytes_not_with_the_declared_length()
    {
        var assembler = default(MessageAssembler);
        var limits = new MessageLimits(1 << 24, 1 << 24, 1);
        Span<byte> input = Wire.Header(0x82, 1 << 24);
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, limits, out _));
        Assert.Equal(0, assembler.RentedBytes);
        for (int sent = 1; sent <= 1000; sent++)
        {
            input = new byte[1];
            Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, limits, out _));
            Assert.InRange(assembler.RentedBytes, sent, Math.Max(128, 2 * sent));
        }

        assembler.Dispose();
        Assert.Equal(0, assembler.RentedBytes);
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(i + 1);
        }

        return bytes;
    }

    private static string Hex(int length) => Convert.ToHexString(Bytes(length));
}
