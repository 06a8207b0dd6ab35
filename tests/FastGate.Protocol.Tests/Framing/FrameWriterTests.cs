using System.Buffers;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class FrameWriterTests
{
    private static readonly int[] s_lengths = [0, 1, 124, 125, 126, 127, 2044, 2047, 2048, 2049, 65534, 65535, 65536, 70000];

    [Fact]
    public void Write_message_matches_the_examples_of_the_rfc()
    {
        // RFC 6455 section 5.7.
        Assert.Equal("810548656C6C6F", Written(w => FrameWriter.WriteMessage(w, Opcode.Text, "Hello"u8)));
        Assert.Equal("818537FA213D7F9F4D5158", Written(w => FrameWriter.WriteMaskedMessage(w, Opcode.Text, "Hello"u8, 0x3D21FA37)));
        Assert.Equal("010348656C80026C6F", Written(w => FrameWriter.WriteMessage(w, Opcode.Text, "Hello"u8, maxFragment: 3)));
        Assert.Equal("890548656C6C6F", Written(w => FrameWriter.WriteMessage(w, Opcode.Ping, "Hello"u8)));
        Assert.Equal("827E0100", Written(w => FrameWriter.WriteMessage(w, Opcode.Binary, new byte[256]))[..8]);
        Assert.Equal("827F0000000000010000", Written(w => FrameWriter.WriteMessage(w, Opcode.Binary, new byte[65536]))[..20]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_message_reads_back(bool masked)
    {
        foreach (int length in s_lengths)
        {
            foreach (int maxFragment in new[] { 0, 1000, 125, 65535, length, length + 1, Math.Max(1, length - 1) })
            {
                byte[] payload = Noise(length);
                var output = new PiecewiseWriter(piece: 700);
                if (masked)
                {
                    FrameWriter.WriteMaskedMessage(output, Opcode.Binary, payload, 0xDEADBEEF, maxFragment);
                }
                else
                {
                    FrameWriter.WriteMessage(output, Opcode.Binary, payload, maxFragment);
                }

                AssertReads(output.Written, masked, payload, maxFragment);
            }
        }
    }

    [Fact]
    public void Write_masked_message_does_not_modify_the_payload()
    {
        byte[] payload = Noise(5000);
        FrameWriter.WriteMaskedMessage(new ArrayBufferWriter<byte>(), Opcode.Binary, payload, 0x01020304, 777);
        Assert.Equal(Noise(5000), payload);
    }

    [Fact]
    public void Write_message_never_splits_control_frames() =>
        Assert.Equal("890548656C6C6F", Written(w => FrameWriter.WriteMessage(w, Opcode.Ping, "Hello"u8, maxFragment: 2)));

    [Fact]
    public void Write_message_throws_for_a_control_payload_above_125_bytes()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Written(w => FrameWriter.WriteMessage(w, Opcode.Ping, new byte[126])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Written(w => FrameWriter.WriteMaskedMessage(w, Opcode.Pong, new byte[126], 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Written(w => FrameWriter.WriteMessage(w, Opcode.Continuation, [])));
    }

    [Fact]
    public void Write_header_writes_only_the_header()
    {
        foreach (int length in s_lengths)
        {
            byte[] destination = new byte[20];
            Array.Fill(destination, PoisonedPool.Canary);
            int size = FrameWriter.WriteHeader(destination, Opcode.Text, fin: true, length);
            Assert.Equal(FrameWriter.GetHeaderSize(length), size);
            Assert.True(destination.AsSpan(size).IndexOfAnyExcept(PoisonedPool.Canary) < 0);
        }
    }

    [Fact]
    public void Write_close_writes_status_and_reason()
    {
        Assert.Equal("880203E8", Written(w => FrameWriter.WriteClose(w, CloseStatus.Normal)));
        Assert.Equal("880503E9627965", Written(w => FrameWriter.WriteClose(w, CloseStatus.GoingAway, "bye"u8)));
        Assert.Equal("8800", Written(w => FrameWriter.WriteClose(w, CloseStatus.NoStatus)));
        Assert.Equal("8882010000000 2E8".Replace(" ", "", StringComparison.Ordinal), Written(w => FrameWriter.WriteMaskedClose(w, CloseStatus.Normal, [], 1)));
    }

    [Theory]
    [InlineData(CloseStatus.Abnormal)]
    [InlineData(CloseStatus.TlsHandshake)]
    [InlineData((CloseStatus)1004)]
    [InlineData((CloseStatus)0)]
    public void Write_close_throws_for_a_status_that_must_not_be_sent(CloseStatus status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Written(w => FrameWriter.WriteClose(w, status)));

    [Fact]
    public void Write_close_cuts_a_long_reason_between_code_points()
    {
        for (int ascii = 0; ascii < 4; ascii++)
        {
            byte[] reason = Encoding.UTF8.GetBytes(new string('a', ascii) + string.Concat(Enumerable.Repeat("🙂", 40)));
            var output = new ArrayBufferWriter<byte>();
            FrameWriter.WriteClose(output, CloseStatus.Normal, reason);
            ReadOnlySpan<byte> payload = output.WrittenSpan[2..];
            Assert.InRange(payload.Length, 122, 125);
            Assert.True(ClosePayload.TryRead(payload, out _, out ReadOnlySpan<byte> kept, out _));
            Assert.True(reason.AsSpan().StartsWith(kept));
        }
    }

    private static void AssertReads(ReadOnlyMemory<byte> written, bool masked, byte[] payload, int maxFragment)
    {
        ReadOnlySpan<byte> wire = written.Span;
        var assembled = new ArrayBufferWriter<byte>();
        bool fin = false;
        for (int frames = 0; !fin; frames++)
        {
            OperationStatus status = masked
                ? FrameReader.TryRead(wire, out FrameHeader header, out int consumed, out _)
                : FrameReader.TryReadServerFrame(wire, out header, out consumed, out _);
            Assert.Equal(OperationStatus.Done, status);
            Assert.Equal(frames == 0 ? Opcode.Binary : Opcode.Continuation, header.Opcode);
            Assert.True(maxFragment == 0 || header.PayloadLength <= maxFragment);
            Assert.True(header.Fin || header.PayloadLength == maxFragment);
            byte[] part = wire.Slice(consumed, (int)header.PayloadLength).ToArray();
            FrameMask.ApplyScalar(part, header.MaskKey, 0);
            assembled.Write(part);
            wire = wire[(consumed + part.Length)..];
            fin = header.Fin;
        }

        Assert.True(wire.IsEmpty);
        Assert.True(assembled.WrittenSpan.SequenceEqual(payload));
    }

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Convert.ToHexString(output.WrittenSpan);
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
