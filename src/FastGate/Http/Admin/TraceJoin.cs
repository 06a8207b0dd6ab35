namespace FastGate.Http.Admin;

/// <summary>A trace that another node has begun.</summary>
/// <param name="Id">Of the trace, the same on all nodes.</param>
/// <param name="Device">The traced device.</param>
/// <param name="Address">The traced address or network.</param>
/// <param name="Seconds">Until it ends.</param>
/// <param name="Node">Gets the lines.</param>
internal sealed record TraceJoin(long Id, string? Device, string? Address, double Seconds, string Node);
