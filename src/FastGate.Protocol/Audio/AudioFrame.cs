namespace FastGate.Protocol.Audio;

/// <summary>One audio frame. The payload is a slice of its message.</summary>
public readonly ref struct AudioFrame(AudioFrameKind kind, ReadOnlySpan<byte> payload, uint timestamp, uint sequence)
{
    /// <summary>Kind of the payload.</summary>
    public AudioFrameKind Kind { get; } = kind;

    /// <summary>The payload without the header, 1 byte or more.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Time of the device's clock in milliseconds modulo 2^32; 0 when the framing has no timestamp.</summary>
    public uint Timestamp { get; } = timestamp;

    /// <summary>Packet number of the MQTT gateway; 0 when the framing has no sequence.</summary>
    public uint Sequence { get; } = sequence;
}
