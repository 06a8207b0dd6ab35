namespace FastGate.Http.Admin;

/// <summary>Commands of a device, newest first.</summary>
internal sealed record CommandReportPage(int Total, IReadOnlyList<CommandReport> Commands, string? Next)
{
    /// <summary>A line for each node of a cluster that has not answered. Absent when all have.</summary>
    public IReadOnlyList<string>? Problems { get; init; }
}
