namespace FastGate.Tests.Registry;

/// <summary>One operation on one device id as its caller saw it: the call, its result and when it began and ended.</summary>
/// <param name="Kind">Which operation.</param>
/// <param name="Subject">The connection registered or removed; null for a lookup.</param>
/// <param name="Outcome">The connection displaced or found, the subject itself if it was removed, or null.</param>
/// <param name="Began">A timestamp before the call.</param>
/// <param name="Ended">A timestamp after the call.</param>
internal readonly record struct RegistryOperation(
    RegistryOperationKind Kind, RegisteredConnection? Subject, RegisteredConnection? Outcome, long Began, long Ended)
{
    /// <summary>Applies the operation to a register of one connection; false when it cannot have had this result.</summary>
    public bool TryApply(RegisteredConnection? held, out RegisteredConnection? after)
    {
        after = Kind switch
        {
            RegistryOperationKind.Register => Subject,
            RegistryOperationKind.Remove when Outcome is not null => null,
            _ => held,
        };
        return Kind == RegistryOperationKind.Remove ? (held == Subject) == (Outcome is not null) : Outcome == held;
    }
}

internal enum RegistryOperationKind
{
    Register,
    Remove,
    Find,
}
