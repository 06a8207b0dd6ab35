namespace FastGate.LoadTest.Reports;

/// <summary>What measuring itself cost: CPU during the load, busyness and lateness while what is judged arose (the load; where connecting is judged, the ramp).</summary>
/// <param name="CpuSeconds">User and system time of the driver.</param>
/// <param name="CpuPercent">The same as a share of one core.</param>
/// <param name="CpuMicrosecondsPerOperation">Null when there was no operation.</param>
/// <param name="BusyPercent">The busiest thread's time outside its wait for events.</param>
/// <param name="LatenessP50Ms">How late the driver came to what was due.</param>
/// <param name="LatenessP99Ms">The same, 99 of 100.</param>
/// <param name="LatenessMaxMs">The same, at most.</param>
/// <param name="ResidentMb">At the end.</param>
/// <param name="WasLimit">The figures show the driver rather than the server.</param>
/// <param name="Why">What says so.</param>
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
