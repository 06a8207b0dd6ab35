using System.Buffers;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>Budgets of the hot path: reading and writing messages allocates nothing.</summary>
public class AllocationTests
{
    private static readonly MessageLimits s_limits = new(64 * 1024, 256 * 1024, 64);

    [Theory]
    [InlineData(Opcode.Text, 15, 1)]
    [InlineData(Opcode.Text, 300, 1)]
    [InlineData(Opcode.Binary, 240, 1)]
    [InlineData(Opcode.Binary, 60_000, 1)]
    [InlineData(Opcode.Ping, 4, 1)]
    [InlineData(Opcode.Text, 15, 2)]
    [InlineData(Opcode.Text, 4000, 7)]
    [InlineData(Opcode.Binary, 60_000, 40)]
    [InlineData(Opcode.Ping, 100, 3)]
    public void Reading_a_message_allocates_nothing(Opcode opcode, int length, int pieces)
    {
        byte[] payload = new byte[length];
        Array.Fill(payload, (byte)'a');
        byte[] wire = Wire.Frame(opcode, payload);
        byte[] scratch = new byte[wire.Length];
        var assembler = default(MessageAssembler);
        Assert.Equal(0, Allocations.Of(() => ReadInPieces(ref assembler, wire, scratch, pieces)));
        assembler.Dispose();
    }

    [Fact]
    public void Reading_a_ping_and_writing_a_pong_allocates_nothing()
    {
        byte[] wire = Wire.Frame(Opcode.Text, """{"type":"ping"}""");
        byte[] scratch = new byte[wire.Length];
        var output = new ArrayBufferWriter<byte>(64);
        var assembler = default(MessageAssembler);
        Assert.Equal(0, Allocations.Of(() =>
        {
            wire.CopyTo(scratch, 0);
            Span<byte> input = scratch;
            _ = assembler.Read(ref input, s_limits, out AssembledMessage message);
            _ = DeviceMessageReader.Read(message.Payload, out DeviceMessage device);
            output.ResetWrittenCount();
            if (device.Type == DeviceMessageType.Ping)
            {
                output.Write(GatewayMessageWriter.PongFrame);
            }
        }));
        Assert.Equal(17, output.WrittenCount);
    }

    [Fact]
    public void Writing_a_message_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(256 * 1024);
        byte[] payload = new byte[60_000];
        Assert.Equal(0, Allocations.Of(() =>
        {
            output.ResetWrittenCount();
            FrameWriter.WriteMessage(output, Opcode.Text, payload.AsSpan(0, 100));
            FrameWriter.WriteMessage(output, Opcode.Binary, payload);
            FrameWriter.WriteMessage(output, Opcode.Text, payload, maxFragment: 1500);
            FrameWriter.WriteMaskedMessage(output, Opcode.Binary, payload, 0x12345678);
            FrameWriter.WriteClose(output, CloseStatus.GoingAway, "stopping"u8);
        }));
    }

    private static void ReadInPieces(ref MessageAssembler assembler, byte[] wire, byte[] scratch, int pieces)
    {
        wire.CopyTo(scratch, 0);
        int size = (wire.Length + pieces - 1) / pieces;
        for (int at = 0; at < wire.Length; at += size)
        {
            Span<byte> input = scratch.AsSpan(at, Math.Min(size, wire.Length - at));
            if (assembler.Read(ref input, s_limits, out AssembledMessage message) == OperationStatus.InvalidData || message.Payload.Length > wire.Length)
            {
                throw new InvalidOperationException("A good message was refused.");
            }
        }

        assembler.Release();
    }
}
