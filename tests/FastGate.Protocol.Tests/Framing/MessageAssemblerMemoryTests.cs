using System.Buffers;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

public class MessageAssemblerMemoryTests
{
    private static readonly MessageLimits s_conformance = new(1 << 24, 1 << 24, 65_536);

    [Fact]
    public void Read_returns_the_memory_of_the_previous_message()
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = Wire.Frame(Opcode.Binary, new byte[500]);
        ReadInTwo(ref assembler, input, 100);
        Assert.InRange(assembler.RentedBytes, 500, 1024);
        Span<byte> nothing = default;
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref nothing, s_conformance, out _));
        Assert.Equal(0, assembler.RentedBytes);
    }

    [Fact]
    public void Release_returns_memory_but_keeps_an_incomplete_message()
    {
        var assembler = default(MessageAssembler);
        ReadInTwo(ref assembler, Wire.Frame(Opcode.Binary, new byte[500]), 100);
        assembler.Release();
        assembler.Release();
        Assert.Equal(0, assembler.RentedBytes);

        Span<byte> unfinished = Wire.Frame(Opcode.Text, "abc", fin: false);
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref unfinished, s_conformance, out _));
        assembler.Release();
        Assert.True(assembler.RentedBytes > 0);
        Assert.True(assembler.IsInProgress);
        Span<byte> rest = Wire.Frame(Opcode.Continuation, "def");
        Assert.Equal(OperationStatus.Done, assembler.Read(ref rest, s_conformance, out AssembledMessage message));
        Assert.Equal("abcdef"u8, message.Payload);
        assembler.Dispose();
        assembler.Dispose();
        Assert.Equal(0, assembler.RentedBytes);
    }

    [Fact]
    public void Release_returns_the_memory_of_a_control_frame_in_pieces()
    {
        foreach (Opcode opcode in new[] { Opcode.Ping, Opcode.Pong, Opcode.Close })
        {
            var assembler = default(MessageAssembler);
            ReadInTwo(ref assembler, Wire.Frame(opcode, [0x03, 0xE8, 3, 4]), 8);
            assembler.Release();
            Assert.Equal(0, assembler.RentedBytes);
        }
    }

    [Fact]
    public void Dispose_returns_memory_and_drops_further_input()
    {
        var assembler = default(MessageAssembler);
        Span<byte> input = Wire.Frame(Opcode.Text, "abc", fin: false);
        _ = assembler.Read(ref input, s_conformance, out _);
        assembler.Dispose();
        Assert.Equal(0, assembler.RentedBytes);
        input = Wire.Frame(Opcode.Text, "abc");
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, s_conformance, out _));
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void Stale_bytes_of_pooled_arrays_are_never_delivered()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            PoisonedPool.Poison();
            byte[] payload = new byte[random.Next(0, 3000)];
            random.NextBytes(payload);
            payload.AsSpan().Replace(PoisonedPool.Canary, (byte)0);
            int cut = random.Next(payload.Length + 1);
            byte[] wire = new Wire().Add(Opcode.Binary, payload.AsSpan(0, cut), fin: false).Add(Opcode.Ping, [1, 2, 3])
                .Add(Opcode.Continuation, payload.AsSpan(cut)).Bytes;
            string expected = $"Ping 010203\nBinary {Convert.ToHexString(payload)}\nbetween messages";
            Assert.Equal(expected, Transcript.Read(wire, Transcript.Roomy, random.Next(1, 200)));
        }
    }

    [Fact]
    public void Buffer_doubles_while_one_frame_of_16_megabytes_arrives()
    {
        byte[] payload = new byte[1 << 24];
        Array.Fill(payload, (byte)'x');
        byte[] wire = Wire.Frame(Opcode.Text, payload);
        var assembler = default(MessageAssembler);
        int growths = 0;
        int rented = 0;
        OperationStatus status = OperationStatus.NeedMoreData;
        AssembledMessage message = default;
        for (int at = 0; at < wire.Length; at += 4096)
        {
            Span<byte> input = wire.AsSpan(at, Math.Min(4096, wire.Length - at));
            status = assembler.Read(ref input, s_conformance, out message);
            growths += assembler.RentedBytes == rented ? 0 : 1;
            rented = assembler.RentedBytes;
        }

        Assert.Equal(OperationStatus.Done, status);
        Assert.True(message.Payload.SequenceEqual(payload));
        Assert.InRange(growths, 1, 14);
        assembler.Release();
        Assert.Equal(0, assembler.RentedBytes);
    }

    [Fact]
    public void Message_of_16_megabytes_in_65536_fragments_is_assembled()
    {
        byte[] fragment = new byte[256];
        Array.Fill(fragment, (byte)'y');
        byte[] first = Wire.Frame(Opcode.Text, fragment, fin: false);
        byte[] middle = Wire.Frame(Opcode.Continuation, fragment, fin: false);
        byte[] last = Wire.Frame(Opcode.Continuation, fragment);
        var assembler = default(MessageAssembler);
        int growths = 0;
        int rented = 0;
        byte[] scratch = new byte[first.Length];
        for (int i = 0; i < 65_536; i++)
        {
            byte[] frame = i == 0 ? first : i == 65_535 ? last : middle;
            Span<byte> input = scratch.AsSpan(0, frame.Length);
            frame.CopyTo(input);
            OperationStatus status = assembler.Read(ref input, s_conformance, out AssembledMessage message);
            Assert.Equal(i == 65_535 ? OperationStatus.Done : OperationStatus.NeedMoreData, status);
            growths += assembler.RentedBytes == rented ? 0 : 1;
            rented = assembler.RentedBytes;
            if (status == OperationStatus.Done)
            {
                Assert.Equal(1 << 24, message.Payload.Length);
                Assert.True(message.Payload.IndexOfAnyExcept((byte)'y') < 0);
            }
        }

        Assert.InRange(growths, 1, 18);
        assembler.Dispose();
    }

    [Fact]
    public void Buffer_doubles_while_a_megabyte_of_text_arrives_byte_by_byte()
    {
        byte[] payload = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("汉a🙂", 1 << 17)));
        byte[] wire = Wire.Frame(Opcode.Text, payload);
        var assembler = default(MessageAssembler);
        int growths = 0;
        int rented = 0;
        OperationStatus status = OperationStatus.NeedMoreData;
        AssembledMessage message = default;
        for (int i = 0; i < wire.Length; i++)
        {
            Span<byte> input = wire.AsSpan(i, 1);
            status = assembler.Read(ref input, new MessageLimits(1 << 24, 1 << 24, 1), out message);
            growths += assembler.RentedBytes == rented ? 0 : 1;
            rented = assembler.RentedBytes;
        }

        Assert.Equal(OperationStatus.Done, status);
        Assert.True(message.Payload.SequenceEqual(payload));
        Assert.InRange(growths, 1, 15);
        assembler.Dispose();
    }

    private static void ReadInTwo(ref MessageAssembler assembler, Span<byte> wire, int cut)
    {
        Span<byte> input = wire[..cut];
        Assert.Equal(OperationStatus.NeedMoreData, assembler.Read(ref input, s_conformance, out _));
        input = wire[cut..];
        Assert.Equal(OperationStatus.Done, assembler.Read(ref input, s_conformance, out _));
        Assert.True(assembler.RentedBytes > 0);
    }
}
