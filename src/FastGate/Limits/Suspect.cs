namespace FastGate.Limits;

/// <summary>A source that has exceeded a limit which leads to a ban.</summary>
/// <param name="Source">The leading bits of its address; zero for a device.</param>
/// <param name="Device">The device, which has proved its id; null for an address.</param>
internal readonly record struct Suspect(UInt128 Source, string? Device);
