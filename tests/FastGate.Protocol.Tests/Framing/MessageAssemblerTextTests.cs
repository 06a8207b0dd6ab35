using System.Buffers;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerTextTests
{
    [Fact]
    public void Text_may_be_fragmented_at_any_byte()
    {
        const string Text = "aé汉🙂z";
        byte[] bytes = Encoding.UTF8.GetBytes(Text);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            byte[] wire = new Wire().Add(Opcode.Text, bytes.AsSpan(0, cut), fin: false).Add(Opcode.Ping, "p")
                .Add(Opcode.Continuation, bytes.AsSpan(cut)).Bytes;
            Assert.Equal($"Ping 70\nText {Text}\nbetween messages", Transcript.ReadEveryCut(wire, Transcript.Roomy));
        }
    }

    [Fact]
    public void Text_may_arrive_in_fragments_of_one_byte()
    {
        const string Text = "你好🙂, world";
        byte[] bytes = Encoding.UTF8.GetBytes(Text);
        var wire = new Wire();
        for (int i = 0; i < bytes.Length; i++)
        {
            wire.Add(i == 0 ? Opcode.Text : Opcode.Continuation, bytes.AsSpan(i, 1), fin: i == bytes.Length - 1);
        }

        Assert.Equal($"Text {Text}\nbetween messages", Transcript.ReadEveryCut(wire.Bytes, Transcript.Roomy));
    }

    [Theory]
    [InlineData("61FF6262", 2)]
    [InlineData("6180", 2)]
    [InlineData("61C0AF62", 2)]
    [InlineData("61E08062", 3)]
    [InlineData("61EDA08062", 3)]
    [InlineData("61F4908080", 3)]
    [InlineData("61F0808080", 3)]
    [InlineData("61F5808080", 2)]
    [InlineData("61E6B162", 4)]
    [InlineData("61F09F9962", 5)]
    [InlineData("CEBAE1BDB9CF83CEBCCEB5F4908080656469746564", 13)]
    public void Invalid_text_fails_at_its_first_invalid_byte(string hex, int invalidAt)
    {
        byte[] bytes = Convert.FromHexString(hex);
        byte[] oneFrame = Wire.Frame(Opcode.Text, bytes);
        Assert.Equal("InvalidUtf8 1007\nbetween messages", Transcript.ReadEveryCut(oneFrame, Transcript.Roomy));
        Assert.Equal(6 + invalidAt, BytesUntilFailure(oneFrame));

        // In two fragments it fails at the same byte, for every cut.
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            byte[] two = new Wire().Add(Opcode.Text, bytes.AsSpan(0, cut), fin: false).Add(Opcode.Continuation, bytes.AsSpan(cut)).Bytes;
            Assert.Equal((cut >= invalidAt ? 6 : 12) + invalidAt, BytesUntilFailure(two));
            Assert.Equal("InvalidUtf8 1007\nbetween messages", Transcript.Read(two, Transcript.Roomy));
        }
    }

    [Theory]
    [InlineData("61C3")]
    [InlineData("61E6B1")]
    [InlineData("61F09F99")]
    [InlineData("F0")]
    public void Text_that_ends_inside_a_code_point_fails_at_its_end(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        byte[] wire = Wire.Frame(Opcode.Text, bytes);
        Assert.Equal(wire.Length, BytesUntilFailure(wire));
        Assert.Equal("InvalidUtf8 1007\nbetween messages", Transcript.ReadEveryCut(wire, Transcript.Roomy));

        // It also fails when an empty last fragment ends the message.
        byte[] two = new Wire().Add(Opcode.Text, bytes, fin: false).Add(Opcode.Continuation, "").Bytes;
        Assert.Equal(two.Length, BytesUntilFailure(two));
        Assert.Equal("InvalidUtf8 1007\nbetween messages", Transcript.ReadEveryCut(two, Transcript.Roomy));
    }

    [Fact]
    public void Invalid_text_fails_before_its_frame_is_complete()
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = Wire.Frame(Opcode.Text, [.. new byte[100_000], 0xFF, .. new byte[100_000]]);
        input = input[..150_000];
        Assert.Equal(OperationStatus.InvalidData, assembler.Read(ref input, Transcript.Roomy, out _));
        Assert.Equal(FrameError.InvalidUtf8, assembler.Error);
    }

    [Fact]
    public void Binary_is_not_validated() =>
        Assert.Equal(
            "Binary FFC0EDA080\nBinary F0\nbetween messages",
            Transcript.ReadEveryCut(
                new Wire().Add(Opcode.Binary, [0xFF, 0xC0], fin: false).Add(Opcode.Continuation, [0xED, 0xA0, 0x80])
                    .Add(Opcode.Binary, [0xF0]).Bytes,
                Transcript.Roomy));

    [Fact]
    public void Text_validation_restarts_after_a_binary_message() =>
        Assert.Equal(
            "Binary 61F09F\nText ok\nbetween messages",
            Transcript.ReadEveryCut(
                new Wire().Add(Opcode.Binary, [0x61], fin: false).Add(Opcode.Continuation, [0xF0, 0x9F])
                    .Add(Opcode.Text, "o", fin: false).Add(Opcode.Continuation, "k").Bytes,
                Transcript.Roomy));

    private static int BytesUntilFailure(byte[] wire)
    {
        var assembler = default(MessageAssembler);
        for (int i = 0; i < wire.Length; i++)
        {
            Span<byte> input = [wire[i]];
            if (assembler.Read(ref input, Transcript.Roomy, out _) == OperationStatus.InvalidData)
            {
                return i + 1;
            }
        }

        assembler.Dispose();
        return -1;
    }
}
