namespace FastGate.Protocol.Identity;

/// <summary>Outcome of one <see cref="IdentitySource"/>.</summary>
public enum IdentityOutcome : byte
{
    /// <summary>The request does not have this source.</summary>
    Absent = 0,

    /// <summary>Empty without white space and quotes; treated as absent.</summary>
    Empty = 1,

    /// <summary>Invalid: more than <see cref="DeviceIdentity.MaxIdLength"/> bytes.</summary>
    TooLong = 2,

    /// <summary>Invalid: a control character, or a character that reorders or hides text.</summary>
    BadCharacters = 3,

    /// <summary>Invalid: not UTF-8.</summary>
    BadEncoding = 4,

    /// <summary>This id is in use.</summary>
    Used = 5,

    /// <summary>A source with higher priority has the same id.</summary>
    Agrees = 6,

    /// <summary>A source with higher priority has a different id.</summary>
    Disagrees = 7,
}
