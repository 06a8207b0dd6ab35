using System.Buffers;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;

namespace FastGate.LoadTest.Floor;

/// <summary>One connection of the floor: bytes in, answers out. Keeps a buffer only for incomplete frames.</summary>
internal sealed class FloorConnection
{
    private static readonly byte[] s_hello = Frame(output => GatewayMessageWriter.WriteHello(output, Guid.NewGuid(), 24_000, 1, 60));
    private static readonly byte[] s_pong = Frame(output => output.Write("""{"type":"pong"}"""u8));

    private byte[]? _carried;
    private bool _upgraded;
    private bool _greeted;

    public int TakeCarried(Span<byte> buffer)
    {
        int length = _carried?.Length ?? 0;
        _carried.CopyTo(buffer);
        _carried = null;
        return length;
    }

    public void Carry(ReadOnlySpan<byte> bytes) => _carried = bytes.IsEmpty ? null : bytes.ToArray();

    /// <summary>False when the bytes violate the protocol or the client has closed.</summary>
    public bool Read(Span<byte> bytes, ArrayBufferWriter<byte> output)
    {
        if (!_upgraded)
        {
            int end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                Carry(bytes);
                return true;
            }

            _upgraded = true;
            output.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"u8);
            bytes = bytes[(end + 4)..];
        }

        while (true)
        {
            OperationStatus status = FrameReader.TryRead(bytes, out FrameHeader header, out int size, out _);
            if (status == OperationStatus.InvalidData || header.Opcode == Opcode.Close)
            {
                return false;
            }

            if (status == OperationStatus.NeedMoreData || bytes.Length - size < header.PayloadLength)
            {
                Carry(bytes);
                return true;
            }

            Span<byte> payload = bytes.Slice(size, (int)header.PayloadLength);
            FrameMask.Apply(payload, header.MaskKey, 0);
            Answer(output, header.Opcode, payload);
            bytes = bytes[(size + payload.Length)..];
        }
    }

    private void Answer(ArrayBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == Opcode.Text)
        {
            output.Write(_greeted ? s_pong : s_hello);
            _greeted = true;
        }
        else if (opcode == Opcode.Binary)
        {
            FrameWriter.WriteFrame(output, Opcode.Binary, fin: true, payload);
        }
    }

    private static byte[] Frame(Action<ArrayBufferWriter<byte>> write)
    {
        var text = new ArrayBufferWriter<byte>();
        write(text);
        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.WriteFrame(frame, Opcode.Text, fin: true, text.WrittenSpan);
        return frame.WrittenSpan.ToArray();
    }
}
