namespace FastGate.Memory;

/// <summary>What is wrong with a store; decides what is done about it.</summary>
internal enum MemoryFailure
{
    /// <summary>Nothing known; tried again.</summary>
    Unknown,

    /// <summary>Somebody else holds the lock.</summary>
    Locked,

    /// <summary>No room left.</summary>
    Full,

    /// <summary>The store may be read only.</summary>
    ReadOnly,

    /// <summary>The store cannot be opened or was never opened.</summary>
    CannotOpen,

    /// <summary>The disk failed.</summary>
    DiskError,

    /// <summary>The content is damaged; what can be kept of it is set aside.</summary>
    Corrupt,

    /// <summary>Written by a newer release; it must not be touched.</summary>
    NewerSchema,

    /// <summary>The data itself was refused: trying again cannot help.</summary>
    Rejected,
}
