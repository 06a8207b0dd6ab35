using FastGate.Diagnostics;

namespace FastGate.Fleet;

/// <summary>A copy of a <see cref="DeviceProfile"/>, newest turns and ends first.</summary>
internal sealed record ProfileSnapshot(
    string? Firmware,
    string? Board,
    DateTimeOffset? ReportedAt,
    TurnCounts Turns,
    int Ends,
    IReadOnlyList<TurnTimes> LastTurns,
    IReadOnlyList<DeviceEnd> LastEnds);

/// <summary>The turns of a device since the profile began.</summary>
internal readonly record struct TurnCounts(int All, int Failed, int Cancelled);
