using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Writes frames (RFC 6455 section 5.2) into a buffer writer: unmasked as a server must, masked as a client must.
/// Allocates nothing of its own. It never flushes.
/// </summary>
public static class FrameWriter
{
    /// <summary>Frames up to this size are asked of the writer in one piece; larger ones in whatever pieces it has.</summary>
    private const int OnePiece = 2048;

    private const byte FinBit = 0x80;
    private const byte MaskBit = 0x80;

    /// <summary>Bytes of an unmasked frame with a payload of this length.</summary>
    public static int GetFrameSize(int payloadLength) => GetHeaderSize(payloadLength) + payloadLength;

    /// <summary>Bytes of an unmasked header for a payload of this length: 2, 4 or 10.</summary>
    public static int GetHeaderSize(int payloadLength) => payloadLength <= FrameHeader.MaxControlPayload ? 2
        : payloadLength <= ushort.MaxValue ? 4
        : FrameHeader.MaxUnmaskedSize;

    /// <summary>Bytes that <see cref="WriteMessage"/> writes for the same arguments.</summary>
    /// <param name="payloadLength">Bytes of payload, 0 or more.</param>
    /// <param name="maxFragment">As for <see cref="WriteMessage"/>.</param>
    public static long GetMessageSize(int payloadLength, int maxFragment = 0)
    {
        if (maxFragment <= 0 || payloadLength <= maxFragment)
        {
            return GetFrameSize(payloadLength);
        }

        (int full, int rest) = Math.DivRem(payloadLength, maxFragment);
        return ((long)full * GetFrameSize(maxFragment)) + (rest == 0 ? 0 : GetFrameSize(rest));
    }

    /// <summary>Writes an unmasked header.</summary>
    /// <param name="destination">At least <see cref="GetHeaderSize"/> bytes.</param>
    /// <param name="opcode">What the frame carries.</param>
    /// <param name="fin">Whether it is the last of its message.</param>
    /// <param name="payloadLength">Bytes of payload that follow, 0 or more.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteHeader(Span<byte> destination, Opcode opcode, bool fin, int payloadLength)
    {
        // The longest store comes first: it shows the bounds of the others.
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

    /// <summary>Writes a message as a server does, in one frame or in fragments.</summary>
    /// <param name="output">Takes the bytes; is not flushed.</param>
    /// <param name="opcode">Text, Binary, Ping, Pong or Close.</param>
    /// <param name="payload">The payload; of a control frame at most 125 bytes.</param>
    /// <param name="maxFragment">
    /// Most bytes of payload in one data frame, 0 for whole messages. Control frames are never split. A fragment may end inside
    /// a code point, which section 5.6 allows.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A control payload above 125 bytes, or the opcode of a continuation.</exception>
    public static void WriteMessage(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, int maxFragment = 0)
    {
        ThrowIfNotMessage(opcode, payload.Length);
        if (maxFragment > 0 && opcode < Opcode.Close)
        {
            while (payload.Length > maxFragment)
            {
                WriteFrame(output, opcode, fin: false, payload[..maxFragment]);
                payload = payload[maxFragment..];
                opcode = Opcode.Continuation;
            }
        }

        WriteFrame(output, opcode, fin: true, payload);
    }

    /// <summary>Writes one unmasked frame. Fragment rules are the caller's.</summary>
    public static void WriteFrame(IBufferWriter<byte> output, Opcode opcode, bool fin, ReadOnlySpan<byte> payload)
    {
        if (payload.Length <= OnePiece)
        {
            int size = GetFrameSize(payload.Length);
            Span<byte> frame = output.GetSpan(size);
            payload.CopyTo(frame[WriteHeader(frame, opcode, fin, payload.Length)..]);
            output.Advance(size);
            return;
        }

        output.Advance(WriteHeader(output.GetSpan(FrameHeader.MaxUnmaskedSize), opcode, fin, payload.Length));
        output.Write(payload);
    }

    /// <summary>Writes a Close frame as a server does.</summary>
    /// <param name="output">Takes the bytes; is not flushed.</param>
    /// <param name="status">A status that may travel, or <see cref="CloseStatus.NoStatus"/> for an empty payload.</param>
    /// <param name="reason">UTF-8; what does not fit in 123 bytes is cut between two code points.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status may not travel.</exception>
    public static void WriteClose(IBufferWriter<byte> output, CloseStatus status, ReadOnlySpan<byte> reason = default)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        WriteFrame(output, Opcode.Close, fin: true, payload[..ClosePayload.Write(payload, status, reason)]);
    }

    /// <summary>Writes a message as a client does: every frame masked with the same key.</summary>
    /// <param name="output">Takes the bytes; is not flushed.</param>
    /// <param name="opcode">Text, Binary, Ping, Pong or Close.</param>
    /// <param name="payload">The payload; of a control frame at most 125 bytes. It is not changed.</param>
    /// <param name="maskKey">The key, as <see cref="FrameHeader.MaskKey"/> has it.</param>
    /// <param name="maxFragment">As for <see cref="WriteMessage"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A control payload above 125 bytes, or the opcode of a continuation.</exception>
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

    /// <summary>Writes one masked frame. Fragment rules are the caller's.</summary>
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
            Span<byte> destination = output.GetSpan(Math.Min(payload.Length, OnePiece));
            int length = Math.Min(payload.Length, destination.Length);
            payload[..length].CopyTo(destination);
            FrameMask.Apply(destination[..length], maskKey, 0);
            output.Advance(length);
            maskKey = FrameMask.Advance(maskKey, length);
            payload = payload[length..];
        }
    }

    /// <summary>Writes a Close frame as a client does; see <see cref="WriteClose"/>.</summary>
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
