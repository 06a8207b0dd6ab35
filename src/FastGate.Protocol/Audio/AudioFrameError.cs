namespace FastGate.Protocol.Audio;

/// <summary>Reasons why a binary message is not an audio frame. Such a frame is counted and dropped; the connection stays open.</summary>
public enum AudioFrameError : byte
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>No payload.</summary>
    Empty,

    /// <summary>The message is shorter than the header of its framing.</summary>
    HeaderCut,

    /// <summary>The version field of a version 2 header is not 2.</summary>
    WrongVersion,

    /// <summary>The type is neither Opus nor JSON.</summary>
    UnknownKind,

    /// <summary>The declared size differs from the size of the payload.</summary>
    SizeMismatch,

    /// <summary>The payload is longer than <see cref="AudioFrameReader.MaxOpusPacket"/>.</summary>
    TooLong,
}
