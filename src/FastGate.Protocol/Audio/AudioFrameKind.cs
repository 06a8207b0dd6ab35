namespace FastGate.Protocol.Audio;

/// <summary>Kind of the payload of an audio frame.</summary>
public enum AudioFrameKind : byte
{
    /// <summary>One Opus packet.</summary>
    Opus = 0,

    /// <summary>A JSON message in a binary frame (versions 2 and 3, type 1).</summary>
    Json = 1,
}
