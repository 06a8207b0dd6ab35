using System.Buffers;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>RSV1 (RFC 7692 section 6): where it may be set, and that a compressed payload arrives as it is, however the bytes are cut.</summary>
public sealed class MessageAssemblerCompressedTests
{
    private static readonly MessageLimits s_limits = new(Frame: 400, Message: 600, Fragments: 5, AllowsCompressed: true);

    public static TheoryData<string, byte[], string> Streams => new()
    {
        { "whole", Frame(0xC1, [0xFF, 0xFE]), "Text* FFFE;" },
        { "binary", Frame(0xC2, [0xFF]), "Binary* FF;" },
        { "empty", Frame(0xC1, []), "Text* ;" },
        { "plain beside compressed", [.. Frame(0x81, "a"u8), .. Frame(0xC1, [0xFF]), .. Frame(0x81, "b"u8)], "Text 61;Text* FF;Text 62;" },
        { "fragments", [.. Frame(0x41, [0xFF]), .. Frame(0x00, [0xFE]), .. Frame(0x80, [0xFD])], "Text* FFFEFD;" },
        { "control frames between fragments", [.. Frame(0x41, [0xFF]), .. Frame(0x89, "p"u8), .. Frame(0x80, [0xFE]), .. Frame(0x81, "c"u8)], "Ping 70;Text* FFFE;Text 63;" },
        { "empty fragments", [.. Frame(0x41, []), .. Frame(0x00, []), .. Frame(0x80, [0xFF])], "Text* FF;" },
        { "long", Frame(0xC1, new byte[300]), $"Text* {new string('0', 600)};" },
        { "plain text after a compressed one is checked", [.. Frame(0x41, [0xFF]), .. Frame(0x80, [0xFE]), .. Frame(0x81, [0xFF])], "Text* FFFE;InvalidUtf8" },
        { "RSV1 in a continuation", [.. Frame(0x41, [0xFF]), .. Frame(0xC0, [0xFE])], "ReservedBits" },
        { "RSV1 in a continuation of a plain message", [.. Frame(0x01, "a"u8), .. Frame(0xC0, "b"u8)], "ReservedBits" },
        { "RSV1 in a ping", Frame(0xC9, []), "ReservedBits" },
        { "RSV1 in a close", Frame(0xC8, []), "ReservedBits" },
        { "RSV2", Frame(0xA1, []), "ReservedBits" },
        { "RSV1 and RSV3", Frame(0xD1, []), "ReservedBits" },
        { "RSV1 in a reserved opcode", Frame(0xC3, []), "ReservedBits" },
        { "message inside a message", [.. Frame(0x41, [0xFF]), .. Frame(0xC1, [0xFE])], "MessageInsideMessage" },
        { "too big", [.. Frame(0x41, new byte[400]), .. Frame(0x80, new byte[201])], "MessageTooBig" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Messages_are_the_same_however_they_are_cut_and_saved(string name, byte[] wire, string expected)
    {
        for (int cut = 1; cut <= wire.Length; cut++)
        {
            Assert.True(expected == Read(wire, cut, isSaved: false), $"{name}, cut at {cut}");
            Assert.True(expected == Read(wire, cut, isSaved: true), $"{name}, saved at {cut}");
        }

        Assert.Equal(expected, Read(wire, 1, isSaved: true, isRepeated: true));
    }

    [Fact]
    public void Compressed_message_is_an_error_without_the_extension()
    {
        byte[] wire = Frame(0xC1, [0xFF]);
        Span<byte> input = wire;
        var assembler = default(MessageAssembler);

        Assert.Equal(OperationStatus.InvalidData, assembler.Read(ref input, s_limits with { AllowsCompressed = false }, out _));
        Assert.Equal(FrameError.ReservedBits, assembler.Error);
    }

    [Fact]
    public void State_of_a_compressed_message_is_refused_without_the_extension()
    {
        Span<byte> input = Frame(0x41, [0xFF]);
        var assembler = default(MessageAssembler);
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, s_limits, out _));
        var saved = new ArrayBufferWriter<byte>();
        assembler.Save(saved);
        assembler.Dispose();

        Assert.False(MessageAssembler.TryRestore(saved.WrittenSpan, s_limits with { AllowsCompressed = false }, out _));
        Assert.True(MessageAssembler.TryRestore(saved.WrittenSpan, s_limits, out MessageAssembler restored));
        restored.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Written_message_is_marked_in_its_first_frame_only(int maxFragment)
    {
        byte[] payload = new byte[3_000];
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteCompressedMessage(output, Opcode.Text, payload, maxFragment);

        ReadOnlySpan<byte> wire = output.WrittenSpan;
        bool isFirst = true;
        int length = 0;
        while (!wire.IsEmpty)
        {
            Assert.Equal(OperationStatus.Done, FrameReader.TryReadServerFrame(wire, out FrameHeader header, out int consumed, out _, allowsCompressed: true));
            Assert.Equal((isFirst, isFirst ? Opcode.Text : Opcode.Continuation), (header.IsCompressed, header.Opcode));
            isFirst = false;
            length += (int)header.PayloadLength;
            wire = wire[(consumed + (int)header.PayloadLength)..];
        }

        Assert.Equal(payload.Length, length);
    }

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] frame = Wire.Frame(Opcode.Text, payload);
        frame[0] = first;
        return frame;
    }

    private static string Read(byte[] wire, int cut, bool isSaved, bool isRepeated = false)
    {
        var lines = new StringBuilder();
        var assembler = default(MessageAssembler);
        for (int offset = 0, size = cut; offset < wire.Length; offset += size, size = isRepeated ? size : wire.Length - cut)
        {
            Span<byte> input = (byte[])[.. wire.AsSpan(offset, Math.Min(size, wire.Length - offset))];
            OperationStatus status;
            while ((status = assembler.Read(ref input, s_limits, out AssembledMessage message)) == OperationStatus.Done)
            {
                lines.Append(message.Opcode).Append(message.IsCompressed ? "*" : "").Append(' ').Append(Convert.ToHexString(message.Payload)).Append(';');
            }

            if (status == OperationStatus.InvalidData)
            {
                lines.Append(assembler.Error);
                break;
            }

            if (isSaved)
            {
                assembler = Transcript.SaveAndRestore(ref assembler, s_limits);
            }
        }

        assembler.Dispose();
        return lines.ToString();
    }
}
