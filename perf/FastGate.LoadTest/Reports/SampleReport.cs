namespace FastGate.LoadTest.Reports;

/// <summary>One interval of the run.</summary>
/// <param name="Seconds">End of the interval, from the start of the run.</param>
/// <param name="Open">Devices connected at the end of the interval.</param>
/// <param name="OperationsPerSecond">Operations completed in the interval.</param>
/// <param name="ReceivedPerSecond">Messages received in the interval.</param>
/// <param name="P50Ms">Plotted latency of the interval; null when nothing was recorded.</param>
/// <param name="P99Ms">The same, 99th percentile.</param>
/// <param name="ServerCpuPercent">Null when the server's process is unknown.</param>
/// <param name="ServerMb">Resident memory of the server.</param>
/// <param name="DriverCpuPercent">Share of one core.</param>
internal sealed record SampleReport(
    double Seconds,
    long Open,
    double OperationsPerSecond,
    double ReceivedPerSecond,
    double? P50Ms,
    double? P99Ms,
    double? ServerCpuPercent,
    double? ServerMb,
    double DriverCpuPercent);
