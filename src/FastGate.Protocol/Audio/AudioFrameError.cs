namespace FastGate.Protocol.Audio;

/// <summary>Every way in which a binary message fails to be an audio frame. None closes a device: the frame is counted and dropped.</summary>
public enum AudioFrameError : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>No payload: an empty message, or a header that declares nothing.</summary>
    Empty,

    /// <summary>Shorter than the header of its framing.</summary>
    HeaderCut,

    /// <summary>A version 2 header that names another version.</summary>
    WrongVersion,

    /// <summary>Neither Opus nor JSON.</summary>
    UnknownKind,

    /// <summary>The header declares more or less than what follows it.</summary>
    SizeMismatch,

    /// <summary>Longer than any Opus packet can be.</summary>
    TooLong,
}
