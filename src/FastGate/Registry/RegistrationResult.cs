namespace FastGate.Registry;

/// <summary>What became of a registration.</summary>
internal enum RegistrationResult
{
    Added,

    /// <summary>The newcomer took the place of an older connection of the same device.</summary>
    Replaced,

    /// <summary>The device is connected already and the policy is to reject.</summary>
    Rejected,

    /// <summary>The registry holds as many connections as it may.</summary>
    Full,
}
