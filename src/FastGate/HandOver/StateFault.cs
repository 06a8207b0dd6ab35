namespace FastGate.HandOver;

/// <summary>Why nothing is known of a saved state, not even its descriptors.</summary>
internal enum StateFault : byte
{
    /// <summary>The descriptors are known.</summary>
    None,

    /// <summary>The bytes do not begin with the header of a state, or it was not finished.</summary>
    NoState,

    /// <summary>The header or the table is damaged or cut short.</summary>
    Damaged,
}
