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

    /// <summary>Reads one binary message.</summary>
    /// <param name="framing">The framing of the connection.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="frame">The frame when the result is true; its payload is a slice of <paramref name="message"/>.</param>
    /// <param name="error">The error when the result is false.</param>
    /// <returns>True when the message is a valid frame.</returns>
    public static bool TryRead(AudioFraming framing, ReadOnlySpan<byte> message, out AudioFrame frame, out AudioFrameError error)
    {
        frame = default;
        int size = GetHeaderSize(framing);
        if (message.Length < size || message.IsEmpty)
        {
            error = message.IsEmpty ? AudioFrameError.Empty : AudioFrameError.HeaderCut;
            return false;
        }

        ReadOnlySpan<byte> header = message[..size];
        ReadOnlySpan<byte> payload = message[size..];
        int kind = 0;
        uint declared = (uint)payload.Length;
        uint timestamp = 0;
        uint sequence = 0;
        switch (framing)
        {
            case AudioFraming.Version2:
                if (BinaryPrimitives.ReadUInt16BigEndian(header) != 2)
                {
                    error = AudioFrameError.WrongVersion;
                    return false;
                }

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

        error = Check(kind, declared, payload.Length);
        if (error != AudioFrameError.None)
        {
            return false;
        }

        frame = new AudioFrame((AudioFrameKind)kind, payload, timestamp, sequence);
        return true;
    }

    private static AudioFrameError Check(int kind, uint declared, int actual) =>
        kind > (int)AudioFrameKind.Json ? AudioFrameError.UnknownKind
        : declared != (uint)actual ? AudioFrameError.SizeMismatch
        : actual == 0 ? AudioFrameError.Empty
        : kind == (int)AudioFrameKind.Opus && actual > MaxOpusPacket ? AudioFrameError.TooLong
        : AudioFrameError.None;
}
