using System.Buffers.Binary;

namespace FastGate.Protocol.Audio;

/// <summary>
/// Reads binary messages of devices; <see cref="AudioFraming"/> has the layouts. A declared size is only compared with the actual size. No allocation.
/// </summary>
public static class AudioFrameReader
{
    /// <summary>Size of the longest Opus packet in bytes: 48 frames of 1,275, with two bytes of length for each except the last (RFC 6716 section 3.2.5).</summary>
    public const int MaxOpusPacket = (48 * 1275) + 2 + (47 * 2);

    /// <summary>Size of the header of a framing in bytes: 0, 4 or 16.</summary>
    public static int GetHeaderSize(AudioFraming framing) => framing switch
    {
        AudioFraming.Raw => 0,
        AudioFraming.Version3 => 4,
        _ => 16,
    };

    /// <summary>
    /// Reads one whole binary message; the payload of <paramref name="frame"/> is a slice of it. False when the message has no payload, is
    /// shorter than its header, has another version, an unknown type or a wrong size, or is longer than an Opus packet can be.
    /// </summary>
    public static bool TryRead(AudioFraming framing, ReadOnlySpan<byte> message, out AudioFrame frame)
    {
        frame = default;
        int size = GetHeaderSize(framing);
        if (message.Length <= size)
        {
            return false;
        }

        ReadOnlySpan<byte> header = message[..size];
        ReadOnlySpan<byte> payload = message[size..];
        int version = 2;
        int kind = 0;
        uint declared = (uint)payload.Length;
        uint timestamp = 0;
        uint sequence = 0;
        switch (framing)
        {
            case AudioFraming.Version2:
                version = BinaryPrimitives.ReadUInt16BigEndian(header);
                kind = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
                timestamp = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
                declared = BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
                break;
            case AudioFraming.Version3:
                kind = header[0];
                declared = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
                break;
            case AudioFraming.MqttGateway:
                // In this direction the MQTT gateway may leave the bytes before the timestamp undefined, so they are not checked.
                sequence = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
                timestamp = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
                declared = BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
                break;
        }

        int longest = kind == (int)AudioFrameKind.Json ? int.MaxValue : MaxOpusPacket;
        if (version != 2 || kind > (int)AudioFrameKind.Json || declared != (uint)payload.Length || payload.Length > longest)
        {
            return false;
        }

        frame = new AudioFrame((AudioFrameKind)kind, payload, timestamp, sequence);
        return true;
    }
}
