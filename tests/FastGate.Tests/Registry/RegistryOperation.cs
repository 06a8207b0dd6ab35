namespace FastGate.Tests.Registry;

/// <summary>One operation on one device id as its caller saw it: what was asked, what came back, and between which two instants.</summary>
/// <param name="Kind">Which operation.</param>
/// <param name="Subject">The connection registered or removed; null for a lookup.</param>
/// <param name="Outcome">The connection displaced or found, the subject itself if it was removed; null for none.</param>
/// <param name="Began">Before the call.</param>
/// <param name="Ended">After it.</param>
internal readonly record struct RegistryOperation(
    RegistryOperationKind Kind, RegisteredConnection? Subject, RegisteredConnection? Outcome, long Began, long Ended)
{
    /// <summary>What this operation does to a register that holds one connection, or false if it cannot have come out so.</summary>
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
