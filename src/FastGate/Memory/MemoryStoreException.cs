namespace FastGate.Memory;

/// <summary>The store is in trouble; <see cref="Failure"/> says of which kind.</summary>
internal sealed class MemoryStoreException(MemoryFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public MemoryFailure Failure { get; } = failure;
}
