namespace FastGate.Protocol.Identity;

/// <summary>What became of one <see cref="IdentitySource"/>.</summary>
public enum IdentityOutcome : byte
{
    /// <summary>The request does not have it.</summary>
    Absent = 0,

    /// <summary>There, but empty once white space and quotes are gone; counts as absent.</summary>
    Empty = 1,

    /// <summary>Refused: more than <see cref="DeviceIdentity.MaxIdLength"/> bytes.</summary>
    TooLong = 2,

    /// <summary>Refused: a control character, or one that moves or hides its neighbours on a screen.</summary>
    BadCharacters = 3,

    /// <summary>Refused: not UTF-8.</summary>
    BadEncoding = 4,

    /// <summary>The winner: the id in use.</summary>
    Used = 5,

    /// <summary>Shadowed by a stronger source that says the same.</summary>
    Agrees = 6,

    /// <summary>Shadowed by a stronger source that says something else.</summary>
    Disagrees = 7,
}
