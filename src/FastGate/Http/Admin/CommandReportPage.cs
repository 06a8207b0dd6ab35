namespace FastGate.Http.Admin;

/// <summary>Commands of a device, newest first.</summary>
internal sealed record CommandReportPage(int Total, IReadOnlyList<CommandReport> Commands, string? Next);
