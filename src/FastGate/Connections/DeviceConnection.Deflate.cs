using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using FastGate.Protocol.Deflate;
using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>
/// Compressed messages (permessage-deflate). No connection keeps a window or a buffer between messages: what one message needs comes from the shared pool and
/// goes back with it.
/// </summary>
internal partial class DeviceConnection
{
    /// <summary>RSV1 of the first byte of a frame.</summary>
    private const byte CompressedBit = 0x40;

    private MessageLimits MessageLimits => _deflateBits == 0 ? services.MessageLimits : services.DeflateLimits;

    /// <summary>Decompresses a message up to the limit of messages, and handles it as one that was not compressed.</summary>
    private void OnCompressed(in AssembledMessage message)
    {
        OperationStatus status = Inflater.Inflate(message.Payload, services.MessageLimits.Message, out byte[] buffer, out int length);
        ReadOnlySpan<byte> payload = buffer.AsSpan(0, length);
        FrameError error = status switch
        {
            OperationStatus.DestinationTooSmall => FrameError.MessageTooBig,
            OperationStatus.InvalidData => FrameError.MalformedCompression,
            _ when message.Opcode == Opcode.Text && !Utf8.IsValid(payload) => FrameError.InvalidUtf8,
            _ => FrameError.None,
        };
        if (error == FrameError.None)
        {
            services.Metrics.InflatedMessages.Increment();
            OnMessage(new AssembledMessage(message.Opcode, payload));
        }
        else
        {
            Fail(error);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes the text compressed. False when that would not make it smaller.</summary>
    private bool TryWriteCompressed(ReadOnlySpan<byte> utf8)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(utf8.Length);
        int length = Deflater.Deflate(utf8, buffer.AsSpan(0, utf8.Length), _deflateBits);
        if (length > 0)
        {
            services.Metrics.DeflatedMessages.Increment();
            FrameWriter.WriteCompressedMessage(Output, Opcode.Text, buffer.AsSpan(0, length), services.OutboundFrame);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return length > 0;
    }

    /// <summary>Marks the first frame of a message that is written for the next owner.</summary>
    private static void MarkCompressed(ReadOnlyMemory<byte> frames) => MemoryMarshal.AsMemory(frames).Span[0] |= CompressedBit;
}
