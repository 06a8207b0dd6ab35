namespace FastGate.Protocol.Messages;

/// <summary>The <c>format</c> of audio parameters.</summary>
public enum AudioFormat : byte
{
    /// <summary>Missing, or not a string.</summary>
    None = 0,

    /// <summary>Opus packets.</summary>
    Opus,

    /// <summary>Any other string.</summary>
    Other,
}
