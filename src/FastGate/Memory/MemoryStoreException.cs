namespace FastGate.Memory;

/// <summary>A call to the store failed; <see cref="Failure"/> says why.</summary>
internal sealed class MemoryStoreException(MemoryFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public MemoryFailure Failure { get; } = failure;
}

/// <summary>Why a store failed; decides how the failure is handled.</summary>
internal enum MemoryFailure
{
    Unknown,

    /// <summary>Another process or connection holds the lock.</summary>
    Locked,

    /// <summary>No space left.</summary>
    Full,

    ReadOnly,

    /// <summary>The store cannot be opened or is not open.</summary>
    CannotOpen,

    DiskError,

    /// <summary>The content is damaged; the file is moved aside.</summary>
    Corrupt,

    /// <summary>Written by a newer release; it must not be modified.</summary>
    NewerSchema,

    /// <summary>The data itself is refused; a retry cannot succeed.</summary>
    Rejected,
}
