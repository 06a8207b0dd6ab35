namespace FastGate.Protocol.Audio;

/// <summary>Framing of audio in binary messages, chosen at the handshake for both directions. All numbers are big-endian.</summary>
public enum AudioFraming : byte
{
    /// <summary>Version 1, the default: one Opus packet without a header.</summary>
    Raw = 0,

    /// <summary>Version 2: <c>version:16 type:16 reserved:32 timestamp:32 size:32</c>, then the payload.</summary>
    Version2,

    /// <summary>Version 3: <c>type:8 reserved:8 size:16</c>, then the payload.</summary>
    Version3,

    /// <summary>MQTT gateway: <c>type:8 reserved:8 size:16 sequence:32 timestamp:32 size:32</c>, then the payload.</summary>
    MqttGateway,
}

/// <summary>Kind of the payload of an audio frame.</summary>
public enum AudioFrameKind : byte
{
    /// <summary>One Opus packet.</summary>
    Opus = 0,

    /// <summary>A JSON message in a binary frame (versions 2 and 3, type 1).</summary>
    Json = 1,
}
