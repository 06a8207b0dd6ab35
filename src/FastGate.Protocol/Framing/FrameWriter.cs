using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Writes frames (RFC 6455 section 5.2) to a buffer writer: unmasked for a server, masked for a client. It never flushes.
/// Budget: no allocation; enforced by <c>AllocationTests</c>.
/// </summary>
public static class FrameWriter
{
    /// <summary>A frame with at most this payload, in bytes, is written into one span; a larger one into the spans that the writer provides.</summary>
    private const int MaxContiguous = 2048;

    private const byte FinBit = 0x80;
    private const byte CompressedBit = 0x40;
    private const byte MaskBit = 0x80;

    /// <summary>Size in bytes of an unmasked frame with this payload length.</summary>
    public static int GetFrameSize(int payloadLength) => GetHeaderSize(payloadLength) + payloadLength;

    /// <summary>Size in bytes of an unmasked header for this payload length: 2, 4 or 10.</summary>
    public static int GetHeaderSize(int payloadLength) => payloadLength <= FrameHeader.MaxControlPayload ? 2
        : payloadLength <= ushort.MaxValue ? 4
        : FrameHeader.MaxUnmaskedSize;

    /// <summary>Writes an unmasked header.</summary>
    /// <param name="destination">At least <see cref="GetHeaderSize"/> bytes.</param>
    /// <param name="opcode">What the frame carries.</param>
    /// <param name="fin">True for the last frame of its message.</param>
    /// <param name="payloadLength">Payload length in bytes, 0 or more.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteHeader(Span<byte> destination, Opcode opcode, bool fin, int payloadLength)
    {
        // The store at the highest index comes first: its bounds check covers the others.
        if (payloadLength > ushort.MaxValue)
        {
            BinaryPrimitives.WriteInt64BigEndian(destination[2..], payloadLength);
            destination[1] = 127;
        }
        else if (payloadLength > FrameHeader.MaxControlPayload)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
            destination[1] = 126;
        }
        else
        {
            destination[1] = (byte)payloadLength;
        }

        destination[0] = (byte)((fin ? FinBit : 0) | (int)opcode);
        return GetHeaderSize(payloadLength);
    }

    /// <summary>Writes an unmasked message, in one frame or in fragments.</summary>
    /// <param name="output">Receives the bytes; it is not flushed.</param>
    /// <param name="opcode">Text, Binary, Ping, Pong or Close.</param>
    /// <param name="payload">The payload, at most 125 bytes for a control frame.</param>
    /// <param name="maxFragment">
    /// Maximum payload of one data frame in bytes; 0 never splits. Control frames are never split. A fragment may end inside a code point, which
    /// section 5.6 allows.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A control payload above 125 bytes, or the opcode Continuation.</exception>
    public static void WriteMessage(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, int maxFragment = 0)
    {
        ThrowIfNotMessage(opcode, payload.Length);
        WriteFragments(output, opcode, payload, maxFragment, firstBits: 0);
    }

    /// <summary>Writes an unmasked message whose payload permessage-deflate has compressed: its first frame has RSV1 (RFC 7692 section 6).</summary>
    /// <inheritdoc cref="WriteMessage"/>
    public static void WriteCompressedMessage(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, int maxFragment = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)opcode, (int)Opcode.Close, nameof(opcode));
        ThrowIfNotMessage(opcode, payload.Length);
        WriteFragments(output, opcode, payload, maxFragment, CompressedBit);
    }

    /// <summary>Writes one unmasked frame. The caller keeps the rules of fragmentation (section 5.4).</summary>
    public static void WriteFrame(IBufferWriter<byte> output, Opcode opcode, bool fin, ReadOnlySpan<byte> payload) =>
        WriteFrame(output, opcode, fin, payload, bits: 0);

    private static void WriteFragments(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, int maxFragment, byte firstBits)
    {
        if (maxFragment > 0 && opcode < Opcode.Close)
        {
            while (payload.Length > maxFragment)
            {
                WriteFrame(output, opcode, fin: false, payload[..maxFragment], firstBits);
                payload = payload[maxFragment..];
                opcode = Opcode.Continuation;
                firstBits = 0;
            }
        }

        WriteFrame(output, opcode, fin: true, payload, firstBits);
    }

    private static void WriteFrame(IBufferWriter<byte> output, Opcode opcode, bool fin, ReadOnlySpan<byte> payload, byte bits)
    {
        int size = payload.Length <= MaxContiguous ? GetFrameSize(payload.Length) : FrameHeader.MaxUnmaskedSize;
        Span<byte> frame = output.GetSpan(size);
        int header = WriteHeader(frame, opcode, fin, payload.Length);
        frame[0] |= bits;
        if (payload.Length <= MaxContiguous)
        {
            payload.CopyTo(frame[header..]);
            output.Advance(size);
            return;
        }

        output.Advance(header);
        output.Write(payload);
    }

    /// <summary>Writes an unmasked Close frame.</summary>
    /// <param name="output">Receives the bytes; it is not flushed.</param>
    /// <param name="status">A status that may be sent, or <see cref="CloseStatus.NoStatus"/> for an empty payload.</param>
    /// <param name="reason">UTF-8; a reason above 123 bytes is cut between two code points.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be sent.</exception>
    public static void WriteClose(IBufferWriter<byte> output, CloseStatus status, ReadOnlySpan<byte> reason = default)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        WriteFrame(output, Opcode.Close, fin: true, payload[..ClosePayload.Write(payload, status, reason)]);
    }

    /// <summary>Writes a masked message; all its frames have the same key.</summary>
    /// <param name="output">Receives the bytes; it is not flushed.</param>
    /// <param name="opcode">Text, Binary, Ping, Pong or Close.</param>
    /// <param name="payload">The payload, at most 125 bytes for a control frame. It is not modified.</param>
    /// <param name="maskKey">The key, in the byte order of <see cref="FrameHeader.MaskKey"/>.</param>
    /// <param name="maxFragment">As for <see cref="WriteMessage"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A control payload above 125 bytes, or the opcode Continuation.</exception>
    public static void WriteMaskedMessage(
        IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, uint maskKey, int maxFragment = 0)
    {
        ThrowIfNotMessage(opcode, payload.Length);
        if (maxFragment > 0 && opcode < Opcode.Close)
        {
            while (payload.Length > maxFragment)
            {
                WriteMaskedFrame(output, opcode, fin: false, payload[..maxFragment], maskKey);
                payload = payload[maxFragment..];
                opcode = Opcode.Continuation;
            }
        }

        WriteMaskedFrame(output, opcode, fin: true, payload, maskKey);
    }

    /// <summary>Writes one masked frame. The caller keeps the rules of fragmentation (section 5.4).</summary>
    public static void WriteMaskedFrame(
        IBufferWriter<byte> output, Opcode opcode, bool fin, ReadOnlySpan<byte> payload, uint maskKey)
    {
        Span<byte> header = output.GetSpan(FrameHeader.MaxSize);
        int size = WriteHeader(header, opcode, fin, payload.Length);
        header[1] |= MaskBit;
        BinaryPrimitives.WriteUInt32LittleEndian(header[size..], maskKey);
        output.Advance(size + sizeof(uint));
        while (!payload.IsEmpty)
        {
            Span<byte> destination = output.GetSpan(Math.Min(payload.Length, MaxContiguous));
            int length = Math.Min(payload.Length, destination.Length);
            payload[..length].CopyTo(destination);
            FrameMask.Apply(destination[..length], maskKey, 0);
            output.Advance(length);
            maskKey = FrameMask.Advance(maskKey, length);
            payload = payload[length..];
        }
    }

    /// <summary>Writes a masked Close frame; see <see cref="WriteClose"/>.</summary>
    public static void WriteMaskedClose(
        IBufferWriter<byte> output, CloseStatus status, ReadOnlySpan<byte> reason, uint maskKey)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        WriteMaskedFrame(output, Opcode.Close, fin: true, payload[..ClosePayload.Write(payload, status, reason)], maskKey);
    }

    private static void ThrowIfNotMessage(Opcode opcode, int length)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)opcode, (int)Opcode.Continuation, nameof(opcode));
        if (opcode >= Opcode.Close)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, FrameHeader.MaxControlPayload, "payload");
        }
    }
}
