namespace FastGate.HandOver;

/// <summary>Why the record of a connection is not used.</summary>
internal enum UnreadableReason : byte
{
    /// <summary>The state is of a version that this image does not read.</summary>
    Version = 1,

    /// <summary>A checksum or a position is wrong.</summary>
    Damaged,

    /// <summary>The fields are invalid, or one must be understood and is unknown.</summary>
    Fields,

    /// <summary>The record was too big to be written.</summary>
    TooBig,

    /// <summary>The descriptor is of a kind that this image does not know.</summary>
    Kind,
}
