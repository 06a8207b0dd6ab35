namespace FastGate.LoadTest.Reports;

/// <summary>The cost of measuring: CPU of the load; busy time and lateness of the judged interval (the load, or the ramp where connecting is judged).</summary>
/// <param name="CpuSeconds">User and system time of the driver.</param>
/// <param name="CpuPercent">The same as a share of one core.</param>
/// <param name="CpuMicrosecondsPerOperation">Null when there was no operation.</param>
/// <param name="BusyPercent">Time outside the wait for events, of the busiest thread.</param>
/// <param name="LatenessP50Ms">Lateness of the driver's timers, median.</param>
/// <param name="LatenessP99Ms">The same, 99th percentile.</param>
/// <param name="LatenessMaxMs">The same, maximum.</param>
/// <param name="ResidentMb">Resident memory at the end.</param>
/// <param name="WasLimit">The figures show the driver instead of the server.</param>
/// <param name="Why">The reasons.</param>
internal sealed record DriverReport(
    double CpuSeconds,
    double CpuPercent,
    double? CpuMicrosecondsPerOperation,
    double BusyPercent,
    double LatenessP50Ms,
    double LatenessP99Ms,
    double LatenessMaxMs,
    double ResidentMb,
    bool WasLimit,
    IReadOnlyList<string> Why);
