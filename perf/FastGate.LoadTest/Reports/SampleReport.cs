namespace FastGate.LoadTest.Reports;

/// <summary>One interval of the run.</summary>
/// <param name="Seconds">Its end, from the first connection.</param>
/// <param name="Open">Devices connected at its end.</param>
/// <param name="OperationsPerSecond">Operations that ended in it.</param>
/// <param name="ReceivedPerSecond">Messages received in it.</param>
/// <param name="P50Ms">Plotted latency of those that ended in it; null when none did.</param>
/// <param name="P99Ms">The same.</param>
/// <param name="ServerCpuPercent">Null when the server is unknown or gone.</param>
/// <param name="ServerMb">Resident memory of the server.</param>
/// <param name="DriverCpuPercent">Of one core.</param>
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
