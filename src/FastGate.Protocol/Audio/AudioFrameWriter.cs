using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Audio;

/// <summary>
/// Writes the payload of binary messages to devices, in the framing of the connection; <see cref="AudioFraming"/> has the layouts. Firmware does not
/// check the declared size, so it must never be wrong.
/// </summary>
public static class AudioFrameWriter
{
    /// <summary>Size in bytes of a message with this payload length.</summary>
    public static int GetSize(AudioFraming framing, int payloadLength) => AudioFrameReader.GetHeaderSize(framing) + payloadLength;

    /// <summary>Writes one binary message: header and audio.</summary>
    /// <param name="output">Receives the bytes; it is not flushed.</param>
    /// <param name="framing">The framing of the connection.</param>
    /// <param name="payload">One Opus packet or JSON message, 1 byte or more; at most 65,535 with version 3 and the MQTT gateway.</param>
    /// <param name="kind">Kind of the payload; framings without a type carry only Opus.</param>
    /// <param name="timestamp">Time in milliseconds modulo 2^32; ignored when the framing has no timestamp.</param>
    /// <param name="sequence">Packet number; ignored when the framing has no sequence.</param>
    /// <exception cref="ArgumentOutOfRangeException">The payload or its kind does not fit the framing.</exception>
    public static void Write(
        IBufferWriter<byte> output,
        AudioFraming framing,
        ReadOnlySpan<byte> payload,
        AudioFrameKind kind = AudioFrameKind.Opus,
        uint timestamp = 0,
        uint sequence = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(payload.Length, nameof(payload));
        if (kind != AudioFrameKind.Opus && framing is AudioFraming.Raw or AudioFraming.MqttGateway)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "This framing carries only Opus.");
        }

        int size = GetSize(framing, payload.Length);
        Span<byte> destination = output.GetSpan(size);
        Span<byte> header = destination[..AudioFrameReader.GetHeaderSize(framing)];
        header.Clear();
        switch (framing)
        {
            case AudioFraming.Version2:
                BinaryPrimitives.WriteUInt16BigEndian(header, 2);
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)kind);
                BinaryPrimitives.WriteUInt32BigEndian(header[8..], timestamp);
                BinaryPrimitives.WriteUInt32BigEndian(header[12..], (uint)payload.Length);
                break;
            case AudioFraming.Version3:
                ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, ushort.MaxValue, nameof(payload));
                header[0] = (byte)kind;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
                break;
            case AudioFraming.MqttGateway:
                ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, ushort.MaxValue, nameof(payload));
                header[0] = 1;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
                BinaryPrimitives.WriteUInt32BigEndian(header[4..], sequence);
                BinaryPrimitives.WriteUInt32BigEndian(header[8..], timestamp);
                BinaryPrimitives.WriteUInt32BigEndian(header[12..], (uint)payload.Length);
                break;
        }

        payload.CopyTo(destination[header.Length..]);
        output.Advance(size);
    }
}
