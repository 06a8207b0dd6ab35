using FastGate.Connections;

namespace FastGate.Http.Admin;

/// <summary>The drain that runs, or the last one. <paramref name="State"/> is none, draining or drained.</summary>
internal sealed record DrainReport(
    string State, DateTimeOffset? StartedAt, string? Filter, int Rate, int Close, long Closed, long Refused, int Waiting, int Remaining)
{
    public static DrainReport Of(FleetDrainReport report) => new(
        report.State.ToString().ToLowerInvariant(),
        report.StartedAt,
        report.Filter,
        report.Rate,
        report.CloseStatus,
        report.Closed,
        report.Refused,
        report.Waiting,
        report.Remaining);
}
