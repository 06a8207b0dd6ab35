using System.Buffers;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerTests
{
    private const string Mixed = "a é 汉字 🙂 end";

    public static TheoryData<string, byte[], string> Scripts()
    {
        byte[] mixed = Encoding.UTF8.GetBytes(Mixed);
        byte[] long16 = Encoding.UTF8.GetBytes(new string('x', 300));
        var data = new TheoryData<string, byte[], string>
        {
            { "text", Wire.Frame(Opcode.Text, "hello"), "Text hello\nbetween messages" },
            { "empty text", Wire.Frame(Opcode.Text, ""), "Text \nbetween messages" },
            { "empty binary", Wire.Frame(Opcode.Binary, ""), "Binary \nbetween messages" },
            { "16-bit length", Wire.Frame(Opcode.Text, long16), $"Text {new string('x', 300)}\nbetween messages" },
            {
                "three messages",
                new Wire().Add(Opcode.Text, "a").Add(Opcode.Binary, [1, 2]).Add(Opcode.Text, "b").Bytes,
                "Text a\nBinary 0102\nText b\nbetween messages"
            },
            {
                "fragments",
                new Wire().Add(Opcode.Text, "ab", fin: false).Add(Opcode.Continuation, "", fin: false)
                    .Add(Opcode.Continuation, "cd", fin: false).Add(Opcode.Continuation, "ef").Add(Opcode.Text, "next").Bytes,
                "Text abcdef\nText next\nbetween messages"
            },
            {
                "empty fragments, then the whole text",
                new Wire().Add(Opcode.Text, "", fin: false).Add(Opcode.Continuation, "", fin: false).Add(Opcode.Continuation, Mixed).Bytes,
                $"Text {Mixed}\nbetween messages"
            },
            {
                "all fragments empty",
                new Wire().Add(Opcode.Binary, "", fin: false).Add(Opcode.Continuation, "").Add(Opcode.Binary, "").Bytes,
                "Binary \nBinary \nbetween messages"
            },
            {
                "control between fragments",
                new Wire().Add(Opcode.Ping, "0").Add(Opcode.Text, mixed.AsSpan(0, 3), fin: false).Add(Opcode.Ping, "123")
                    .Add(Opcode.Pong, "").Add(Opcode.Continuation, mixed.AsSpan(3, 8), fin: false).Add(Opcode.Ping, "45")
                    .Add(Opcode.Continuation, mixed.AsSpan(11)).Add(Opcode.Pong, "6").Bytes,
                $"Ping 30\nPing 313233\nPong \nPing 3435\nText {Mixed}\nPong 36\nbetween messages"
            },
            {
                "control between empty fragments",
                new Wire().Add(Opcode.Text, "", fin: false).Add(Opcode.Ping, "12").Add(Opcode.Continuation, "ok").Bytes,
                "Ping 3132\nText ok\nbetween messages"
            },
            {
                "close, then input that is dropped",
                new Wire().Add(Opcode.Text, "a").Add(Opcode.Close, [0x03, 0xE8, (byte)'b']).Add(Opcode.Text, "lost").Add(0xFF, 0xFF).Bytes,
                "Text a\nClose 03E862\nbetween messages"
            },
            { "empty close", Wire.Frame(Opcode.Close, ""), "Close \nbetween messages" },
            {
                "close inside a message",
                new Wire().Add(Opcode.Text, "a", fin: false).Add(Opcode.Close, [0x03, 0xE9]).Add(Opcode.Continuation, "b").Bytes,
                "Close 03E9\nbetween messages"
            },
            { "largest control", Wire.Frame(Opcode.Ping, new byte[125]), $"Ping {new string('0', 250)}\nbetween messages" },
            { "incomplete message", Wire.Frame(Opcode.Text, "ab", fin: false), "in progress" },
            { "incomplete payload", Wire.Frame(Opcode.Text, "abc")[..^1], "in progress" },
            { "incomplete header", Wire.Frame(Opcode.Text, "abc")[..3], "in progress" },
            { "stray continuation", Wire.Frame(Opcode.Continuation, "abc"), "ContinuationWithoutStart 1002\nbetween messages" },
            {
                "continuation after the end",
                new Wire().Add(Opcode.Text, "a", fin: false).Add(Opcode.Continuation, "b").Add(Opcode.Continuation, "c").Bytes,
                "Text ab\nContinuationWithoutStart 1002\nbetween messages"
            },
            {
                "message inside a message",
                new Wire().Add(Opcode.Text, "a", fin: false).Add(Opcode.Text, "b").Bytes,
                "MessageInsideMessage 1002\nbetween messages"
            },
            {
                "binary inside text",
                new Wire().Add(Opcode.Text, "", fin: false).Add(Opcode.Binary, "b", fin: false).Bytes,
                "MessageInsideMessage 1002\nbetween messages"
            },
            {
                "valid message, then a violation",
                new Wire().Add(Opcode.Text, "good").Add(0xC1, 0x80).Bytes,
                "Text good\nReservedBits 1002\nbetween messages"
            },
            {
                "violation between fragments",
                new Wire().Add(Opcode.Binary, [1], fin: false).Add(0x82, 0x01).Bytes,
                "NotMasked 1002\nbetween messages"
            },
        };
        return data;
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Read_gives_the_same_result_for_every_cut(string name, byte[] wire, string expected)
    {
        string actual = Transcript.ReadEveryCut(wire, Transcript.Roomy);
        Assert.Equal($"{name}: {expected}", $"{name}: {actual}");
    }

    [Fact]
    public void Read_returns_a_whole_frame_as_a_slice_of_the_input()
    {
        byte[] wire = [.. Wire.Frame(Opcode.Text, Mixed), .. Wire.Frame(Opcode.Binary, [7, 8])];
        Span<byte> input = wire;
        var assembler = default(MessageAssembler);
        Assert.Equal(OperationStatus.Done, assembler.Read(ref input, Transcript.Roomy, out AssembledMessage text));
        Assert.True(wire.AsSpan().Overlaps(text.Payload, out int at));
        Assert.Equal(6, at);
        Assert.Equal(OperationStatus.Done, assembler.Read(ref input, Transcript.Roomy, out AssembledMessage binary));
        Assert.True(binary.Payload.Overlaps(wire, out _));
        Assert.Equal(0, assembler.RentedBytes);

        // The first message is unchanged by the second.
        Assert.Equal(Mixed, Encoding.UTF8.GetString(text.Payload));
    }

    [Fact]
    public void Read_after_a_failure_keeps_failing()
    {
        var assembler = default(MessageAssembler);
        for (int i = 0; i < 3; i++)
        {
            Span<byte> input = i == 0 ? [0x8B] : Wire.Frame(Opcode.Text, "fine");
            Assert.Equal(OperationStatus.InvalidData, assembler.Read(ref input, Transcript.Roomy, out _));
            Assert.Equal(FrameError.ReservedOpcode, assembler.Error);
            Assert.True(input.IsEmpty);
        }
    }

    [Fact]
    public void Read_unmasks_each_frame_with_its_own_key()
    {
        var wire = new Wire();
        for (uint i = 0; i < 50; i++)
        {
            wire.Add(Wire.Frame(i == 0 ? Opcode.Text : Opcode.Continuation, [(byte)('a' + (i % 26)), (byte)'.'], fin: i == 49, key: i * 0x9E3779B1));
        }

        string expected = $"Text {string.Concat(Enumerable.Range(0, 50).Select(i => $"{(char)('a' + (i % 26))}."))}\nbetween messages";
        Assert.Equal(expected, Transcript.ReadEveryCut(wire.Bytes, Transcript.Roomy));
    }

    [Fact]
    public void Size_is_56_bytes() =>
        Assert.Equal(56, System.Runtime.CompilerServices.Unsafe.SizeOf<MessageAssembler>());
}
