namespace FastGate.Registry;

/// <summary>The result of a registration.</summary>
internal enum RegistrationResult
{
    Added,

    /// <summary>The connection replaced an older one of the same device.</summary>
    Replaced,

    /// <summary>The device is already connected, and the registry does not replace.</summary>
    Rejected,

    /// <summary>The registry has reached its capacity.</summary>
    Full,
}
