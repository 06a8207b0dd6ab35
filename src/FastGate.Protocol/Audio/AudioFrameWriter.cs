using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Audio;

/// <summary>
/// Writes binary messages to devices, in the framing the device itself uses. Firmware trusts the declared size without a look,
/// so a wrong one must never leave.
/// </summary>
public static class AudioFrameWriter
{
    /// <summary>Bytes of a message with a payload of this length.</summary>
    public static int GetSize(AudioFraming framing, int payloadLength) => AudioFrameReader.GetHeaderSize(framing) + payloadLength;

    /// <summary>Writes the payload of one binary message: header and audio.</summary>
    /// <param name="output">Takes the bytes; is not flushed.</param>
    /// <param name="framing">What the device uses.</param>
    /// <param name="payload">One Opus packet or JSON message, 1 byte or more; with version 3 and the MQTT gateway at most 65,535.</param>
    /// <param name="kind">What the payload is; framings without a type carry Opus alone.</param>
    /// <param name="timestamp">Milliseconds modulo 2^32; ignored where the framing has none.</param>
    /// <param name="sequence">Packet number; ignored where the framing has none.</param>
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
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "This framing carries Opus alone.");
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
