namespace FastGate.Protocol.Audio;

/// <summary>One frame of audio, with slices of the message it came in.</summary>
public readonly ref struct AudioFrame
{
    /// <summary>Puts a frame together from its parts.</summary>
    public AudioFrame(AudioFrameKind kind, ReadOnlySpan<byte> payload, uint timestamp, uint sequence)
    {
        Kind = kind;
        Payload = payload;
        Timestamp = timestamp;
        Sequence = sequence;
    }

    /// <summary>What the payload is.</summary>
    public AudioFrameKind Kind { get; }

    /// <summary>The payload without any header, 1 byte or more.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Milliseconds modulo 2^32 by the device's clock; 0 where the framing has none.</summary>
    public uint Timestamp { get; }

    /// <summary>The MQTT gateway's packet number; 0 where the framing has none.</summary>
    public uint Sequence { get; }
}
