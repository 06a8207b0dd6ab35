namespace FastGate.Fleet;

/// <summary>Refuses one device, or all devices of an address range. Exactly one of the two is set.</summary>
/// <param name="Id">Number of the ban; never used again.</param>
/// <param name="Device">The normalised id of a device.</param>
/// <param name="Range">The addresses.</param>
/// <param name="At">When it began.</param>
/// <param name="Until">When it ends; null for a ban without an end.</param>
/// <param name="Reason">For the operator.</param>
internal sealed record Ban(long Id, string? Device, AddressRange? Range, DateTimeOffset At, DateTimeOffset? Until, string? Reason)
{
    /// <summary>Made by a limit. It is not kept over the end of the process.</summary>
    public bool IsAutomatic { get; init; }

    public bool IsOver(DateTimeOffset now) => Until <= now;
}
