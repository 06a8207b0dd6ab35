namespace FastGate.Protocol.Messages;

/// <summary>The <c>format</c> of audio parameters.</summary>
public enum AudioFormat : byte
{
    /// <summary>Not said.</summary>
    None = 0,

    /// <summary>Opus packets.</summary>
    Opus,

    /// <summary>Anything else.</summary>
    Other,
}
