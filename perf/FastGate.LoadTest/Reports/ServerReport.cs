namespace FastGate.LoadTest.Reports;

/// <summary>The server's process, from <c>/proc</c>. Kernel memory is not in it: about 3.8 KB more for each connection.</summary>
/// <param name="ProcessId">As asked for.</param>
/// <param name="CpuSeconds">User and system time during the load.</param>
/// <param name="CpuPercent">The same as a share of one core.</param>
/// <param name="CpuMicrosecondsPerOperation">CPU during the load divided by operations; null when there was none.</param>
/// <param name="CpuMicrosecondsPerConnection">CPU during the ramp divided by connections; null without a ramp.</param>
/// <param name="ResidentMbBefore">Before the first connection.</param>
/// <param name="ResidentMbAfter">At the end of the load.</param>
/// <param name="ResidentMbPeak">The highest sample.</param>
/// <param name="ResidentBytesPerDevice">What the load added, for each device; null without a ramp.</param>
internal sealed record ServerReport(
    int ProcessId,
    double CpuSeconds,
    double CpuPercent,
    double? CpuMicrosecondsPerOperation,
    double? CpuMicrosecondsPerConnection,
    double ResidentMbBefore,
    double ResidentMbAfter,
    double ResidentMbPeak,
    double? ResidentBytesPerDevice);
