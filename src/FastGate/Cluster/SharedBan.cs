namespace FastGate.Cluster;

/// <summary>A ban, or the end of one, as all nodes share it. Of two entries about the same device or address the one with the greater id counts.</summary>
/// <param name="Id">Of the ban; of its end a greater one.</param>
/// <param name="Device">The device; null for a ban of an address.</param>
/// <param name="Address">The address or network; null for a ban of a device.</param>
/// <param name="AtMs">When it began, in milliseconds since 1970.</param>
/// <param name="UntilMs">When it ends; null for a ban without an end.</param>
/// <param name="Reason">For the operator.</param>
/// <param name="IsEnd">Whether an operator has ended the ban.</param>
internal sealed record SharedBan(long Id, string? Device, string? Address, long AtMs, long? UntilMs, string? Reason, bool IsEnd)
{
    /// <summary>The kind of the message that says that the list has changed.</summary>
    public const char ChangedKind = 'B';
}
