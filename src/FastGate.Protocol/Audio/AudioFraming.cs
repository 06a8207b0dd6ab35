namespace FastGate.Protocol.Audio;

/// <summary>How a device wraps its audio in binary messages. Chosen at the handshake; the same in both directions.</summary>
public enum AudioFraming : byte
{
    /// <summary>Version 1, the default: the message is one Opus packet.</summary>
    Raw = 0,

    /// <summary>Version 2: 16 bytes of header with type, timestamp and size.</summary>
    Version2,

    /// <summary>Version 3: 4 bytes of header with type and size.</summary>
    Version3,

    /// <summary>The MQTT gateway's own 16 bytes, with sequence, timestamp and size: like version 2 in size alone.</summary>
    MqttGateway,
}
