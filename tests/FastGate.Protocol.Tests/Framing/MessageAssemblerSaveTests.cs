using System.Buffers;
using System.Buffers.Binary;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerSaveTests
{
    private static readonly MessageLimits s_small = new(Frame: 400, Message: 600, Fragments: 5);

    public static TheoryData<string, byte[]> Streams => new()
    {
        { "whole messages", new Wire().Add(Opcode.Text, "aé汉🙂").Add(Opcode.Binary, [1, 2, 3]).Add(Opcode.Binary, []).Add(Opcode.Ping, "").Bytes },
        { "length of 16 bits", new Wire().Add(Opcode.Binary, Numbers(300)).Add(Opcode.Text, new string('t', 126)).Bytes },
        { "fragments", new Wire().Add(Opcode.Binary, Numbers(150), fin: false).Add(Opcode.Continuation, Numbers(200), fin: false).Add(Opcode.Continuation, [9]).Bytes },
        {
            "control frames between fragments",
            new Wire().Add(Opcode.Text, "aé", fin: false).Add(Opcode.Ping, Numbers(125)).Add(Opcode.Continuation, "汉", fin: false)
                .Add(Opcode.Pong, "").Add(Opcode.Ping, "12").Add(Opcode.Continuation, "🙂").Add(Opcode.Text, "next").Bytes
        },
        { "empty fragments", new Wire().Add(Opcode.Text, "", fin: false).Add(Opcode.Ping, "p").Add(Opcode.Continuation, "", fin: false).Add(Opcode.Continuation, "x").Bytes },
        { "code points split over frames", SplitCodePoints() },
        { "input after a close frame", new Wire().Add(Opcode.Binary, [1], fin: false).Add(Opcode.Close, [0x03, 0xE8, (byte)'b']).Add(Opcode.Text, "dropped").Bytes },
        { "reserved bit", new Wire().Add(Opcode.Text, "a").Add(0xC1, 0x81).Bytes },
        { "no mask", new Wire().Add(Opcode.Text, "a", fin: false).Add(0x80, 0x01, 0x61).Bytes },
        { "control frame too long", new Wire().Add(Opcode.Text, "a", fin: false).Add(0x89, 0xFE).Bytes },
        { "length not minimal", new Wire().Add(0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF).Bytes },
        { "length overflow", new Wire().Add(0x82, 0xFF, 0x80).Bytes },
        { "continuation without start", new Wire().Add(Opcode.Text, "a").Add(Opcode.Continuation, "b").Bytes },
        { "message inside a message", new Wire().Add(Opcode.Text, "a", fin: false).Add(Opcode.Text, "b").Bytes },
        { "frame too big", new Wire().Add(Opcode.Text, "a").Add(Wire.Header(0x82, 100_000)).Bytes },
        { "message too big", new Wire().Add(Opcode.Binary, Numbers(400), fin: false).Add(Opcode.Continuation, Numbers(201)).Bytes },
        { "too many fragments", TooManyFragments() },
        { "invalid byte in a text", new Wire().Add(Opcode.Text, "汉汉", fin: false).Add(Opcode.Continuation, [0x61, 0xFF, 0x61]).Bytes },
        { "invalid code point over two frames", new Wire().Add(Opcode.Text, [0xE6, 0xB1], fin: false).Add(Opcode.Continuation, [0x41]).Bytes },
        { "incomplete code point at the end", new Wire().Add(Opcode.Text, [0x61, 0xE6], fin: false).Add(Opcode.Continuation, [0xB1]).Bytes },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Messages_and_errors_are_the_same_when_the_state_is_saved_at_any_byte(string name, byte[] wire)
    {
        string whole = Transcript.Read(wire, s_small);
        for (int cut = 1; cut <= wire.Length; cut++)
        {
            Assert.True(whole == Transcript.ReadSaved(wire, s_small, cut, wire.Length), $"{name}, saved at {cut}");
        }

        Assert.Equal(whole, Transcript.ReadSaved(wire, s_small, 1));
        Assert.Equal(whole, Transcript.ReadSaved(wire, s_small, 2, 5, 3, 1, 7, 11, 4, 13, 6));
    }

    [Fact]
    public void Frame_with_a_length_of_64_bits_is_continued()
    {
        byte[] wire = Wire.Frame(Opcode.Text, new string('é', 40_000));
        string whole = Transcript.Read(wire, Transcript.Roomy);
        foreach (int cut in new[] { 1, 2, 3, 9, 10, 13, 14, 15, 16, 127, 128, 1000, 65_535, 65_536, 80_000, wire.Length - 1 })
        {
            Assert.Equal(whole, Transcript.ReadSaved(wire, Transcript.Roomy, cut, wire.Length));
        }
    }

    [Fact]
    public void Nothing_is_saved_between_messages()
    {
        var assembler = default(MessageAssembler);
        Assert.Empty(Save(assembler));
        // The message is in the memory of the assembler until the next call.
        Span<byte> input = Wire.Frame(Opcode.Binary, Numbers(200));
        Span<byte> first = input[..50];
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref first, s_small, out _));
        Span<byte> second = input[50..];
        Assert.Equal(OperationStatus.Done, assembler.Read(ref second, s_small, out _));
        Assert.True(assembler.RentedBytes > 0);
        Assert.Empty(Save(assembler));
        Assert.True(MessageAssembler.TryRestore([], s_small, out MessageAssembler restored));
        Assert.False(restored.IsInProgress);
        Assert.Equal(0, restored.RentedBytes);
        assembler.Dispose();
    }

    [Fact]
    public void Assembler_that_has_failed_fails_after_it_was_restored()
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = [0xC1, 0x81];
        Assert.Equal(OperationStatus.InvalidData, assembler.Read(ref input, s_small, out _));
        MessageAssembler restored = Transcript.SaveAndRestore(ref assembler, s_small);
        input = Wire.Frame(Opcode.Text, "a");
        Assert.Equal(OperationStatus.InvalidData, restored.Read(ref input, s_small, out _));
        Assert.Equal(FrameError.ReservedBits, restored.Error);
    }

    [Fact]
    public void Assembler_drops_input_after_a_close_frame_when_it_was_restored()
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = Wire.Frame(Opcode.Close, [0x03, 0xE8]);
        Assert.Equal(OperationStatus.Done, assembler.Read(ref input, s_small, out _));
        MessageAssembler restored = Transcript.SaveAndRestore(ref assembler, s_small);
        input = Wire.Frame(Opcode.Text, "a");
        Assert.Equal(OperationStatus.NeedMoreData, restored.Read(ref input, s_small, out _));
        Assert.True(input.IsEmpty);
    }

    [Theory]
    [InlineData("00 02 02 02 00 00 01000000 05000000 00000000", "version 0")]
    [InlineData("02 02 02 02 00 00 01000000 05000000 00000000", "version 2")]
    [InlineData("01 03 02 02 00 00 01000000 05000000 00000000", "a message that the caller reads")]
    [InlineData("01 06 02 02 00 00 01000000 05000000 00000000", "an unknown state")]
    [InlineData("01 02 02 02 00 00 01000000 05000000 000000", "cut short")]
    [InlineData("01 02 02 02 00 00 01000000 00000000 00000000", "nothing remains of the frame")]
    [InlineData("01 02 02 02 00 00 01000000 FFFFFFFF 00000000", "less than nothing remains")]
    [InlineData("01 02 02 02 00 00 01000000 91010000 00000000", "more remains than a frame may have")]
    [InlineData("01 02 02 01 00 00 01000000 05000000 00000000", "a text frame in a binary message")]
    [InlineData("01 02 02 02 00 00 00000000 05000000 00000000", "no fragment")]
    [InlineData("01 02 02 02 00 00 02000000 05000000 00000000", "a first frame that is the second")]
    [InlineData("01 02 02 00 00 00 01000000 05000000 00000000", "a continuation that is the first")]
    [InlineData("01 02 02 00 00 00 06000000 05000000 00000000", "too many fragments")]
    [InlineData("01 02 00 00 00 00 00000000 05000000 00000000", "a continuation without a message")]
    [InlineData("01 02 00 09 00 00 00000000 05000000 00000000", "a ping without FIN")]
    [InlineData("01 02 00 89 00 00 00000000 7E000000 00000000", "a ping above 125 bytes")]
    [InlineData("01 02 00 89 00 01 00000000 7D000000 00000000 00", "a ping above 125 bytes in all")]
    [InlineData("01 02 00 8B 00 00 00000000 05000000 00000000", "an unknown opcode")]
    [InlineData("01 02 02 02 00 01 01000000 05000000 00000000 00", "bytes of a control frame in a data frame")]
    [InlineData("01 02 02 02 01 00 01000000 05000000 00000000 81", "bytes of a header in a payload")]
    [InlineData("01 02 01 01 00 00 01000000 05000000 00000000 FF", "a text that is not UTF-8")]
    [InlineData("01 01 00 00 00 00 00000000 00000000 00000000", "a header of no bytes between messages")]
    [InlineData("01 01 00 00 01 00 00000000 00000000 00000000 C1", "a header that is invalid")]
    [InlineData("01 01 00 00 06 00 00000000 00000000 00000000 818100000000", "a header that is complete")]
    [InlineData("01 01 02 00 FF 00 01000000 00000000 00000000 81", "a header longer than the bytes")]
    [InlineData("01 01 00 00 01 00 00000000 00000000 00000000 8100", "a message without an opcode")]
    [InlineData("01 04 00", "bytes after a close")]
    [InlineData("01 05 00", "a failure without an error")]
    [InlineData("01 05 FF", "an unknown error")]
    [InlineData("01", "no state")]
    public void Bytes_that_are_no_saved_state_are_refused(string hex, string reason)
    {
        byte[] saved = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.False(MessageAssembler.TryRestore(saved, s_small, out MessageAssembler assembler), reason);
        Assert.Equal(0, assembler.RentedBytes);
        Assert.False(assembler.IsInProgress);
    }

    [Fact]
    public void Message_above_the_limits_is_refused()
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = Wire.Frame(Opcode.Binary, Numbers(400), fin: false);
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, s_small, out _));
        byte[] saved = Save(assembler);
        Assert.True(MessageAssembler.TryRestore(saved, new MessageLimits(10, 400, 1), out MessageAssembler restored));
        Assert.False(MessageAssembler.TryRestore(saved, new MessageLimits(10, 399, 1), out _));
        restored.Dispose();
        assembler.Dispose();
    }

    [Fact]
    public void Memory_is_rented_for_the_bytes_given_and_not_for_those_declared()
    {
        MessageLimits limits = new(1 << 30, 1 << 30, 5);
        byte[] saved = new byte[18 + 10];
        new byte[] { 1, 2, 2, 2, 0, 0, 1 }.CopyTo(saved, 0);
        BinaryPrimitives.WriteInt32LittleEndian(saved.AsSpan(10), 1 << 29);
        Assert.True(MessageAssembler.TryRestore(saved, limits, out MessageAssembler assembler));
        Assert.InRange(assembler.RentedBytes, 10, 128);
        assembler.Dispose();
    }

    /// <summary>Damaged states either are refused or give an assembler that has exactly this state and reads on within its limits.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_states_never_throw(int seed)
    {
        var random = new Random(seed);
        List<byte[]> states = [.. Streams.SelectMany(static row => States((byte[])row[1]))];
        int accepted = 0;
        for (int round = 0; round < 60_000; round++)
        {
            byte[] saved = Damage([.. states[random.Next(states.Count)]], random);
            if (!MessageAssembler.TryRestore(saved, s_small, out MessageAssembler assembler))
            {
                continue;
            }

            accepted++;
            Assert.Equal(saved, Save(assembler));
            Assert.InRange(assembler.RentedBytes, 0, Math.Max(128, saved.Length * 2));
            byte[] rest = new byte[random.Next(1, 300)];
            random.NextBytes(rest);
            Span<byte> input = rest;
            while (assembler.Read(ref input, s_small, out AssembledMessage message) == OperationStatus.Done)
            {
                Assert.InRange(message.Payload.Length, 0, s_small.Message);
            }

            Assert.True(input.IsEmpty);
            assembler.Dispose();
        }

        Assert.InRange(accepted, 1000, 59_000);
    }

    private static IEnumerable<byte[]> States(byte[] wire)
    {
        for (int cut = 1; cut < wire.Length; cut++)
        {
            var assembler = default(MessageAssembler);
            Span<byte> input = [.. wire.AsSpan(0, cut)];
            while (assembler.Read(ref input, s_small, out _) == OperationStatus.Done)
            {
            }

            yield return Save(assembler);
            assembler.Dispose();
        }
    }

    private static byte[] Damage(byte[] saved, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return saved[..random.Next(saved.Length + 1)];
            case 1:
                return [.. saved, (byte)random.Next(256)];
            case 2 when saved.Length > 0:
                saved[random.Next(saved.Length)] = (byte)random.Next(256);
                return saved;
            default:
                for (int i = random.Next(4); i > 0 && saved.Length > 0; i--)
                {
                    saved[random.Next(Math.Min(saved.Length, 24))] ^= (byte)(1 << random.Next(8));
                }

                return saved;
        }
    }

    private static byte[] Save(in MessageAssembler assembler)
    {
        var output = new PiecewiseWriter(1);
        assembler.Save(output);
        return output.Written.ToArray();
    }

    private static byte[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(static i => (byte)i)];

    private static byte[] SplitCodePoints()
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes("é汉🙂");
        return new Wire().Add(Opcode.Text, text.AsSpan(0, 1), fin: false).Add(Opcode.Ping, "1").Add(Opcode.Continuation, text.AsSpan(1, 2), fin: false)
            .Add(Opcode.Continuation, text.AsSpan(3, 5), fin: false).Add(Opcode.Continuation, text.AsSpan(8)).Bytes;
    }

    private static byte[] TooManyFragments()
    {
        Wire wire = new Wire().Add(Opcode.Binary, [0], fin: false);
        for (byte i = 1; i < 5; i++)
        {
            wire.Add(Opcode.Continuation, [i], fin: false);
        }

        return wire.Add(Opcode.Continuation, [5]).Bytes;
    }
}
