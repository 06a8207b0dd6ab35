namespace FastGate.Protocol.Audio;

/// <summary>Coding layers of an Opus packet (RFC 6716 section 3.1).</summary>
public enum OpusMode : byte
{
    /// <summary>SILK only: speech at low rates.</summary>
    Silk = 0,

    /// <summary>SILK below 8 kHz and CELT above.</summary>
    Hybrid,

    /// <summary>CELT only: music and high rates.</summary>
    Celt,
}
