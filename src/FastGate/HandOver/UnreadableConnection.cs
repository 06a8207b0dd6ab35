namespace FastGate.HandOver;

/// <summary>A connection that can only be closed.</summary>
/// <param name="Descriptor">Its socket.</param>
/// <param name="Reason">Why it is not continued.</param>
/// <param name="TakesClose">A Close frame may be sent after <paramref name="UnsentOutput"/>; otherwise nothing may be sent.</param>
/// <param name="UnsentOutput">Output that was written before, possibly from the middle of a frame.</param>
internal sealed record UnreadableConnection(int Descriptor, UnreadableReason Reason, bool TakesClose, ReadOnlyMemory<byte> UnsentOutput);
