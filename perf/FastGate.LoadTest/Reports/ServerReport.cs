namespace FastGate.LoadTest.Reports;

/// <summary>The server's process, from <c>/proc</c>. Without kernel memory, which is about 3.8 KB per connection.</summary>
/// <param name="ProcessId">The process id.</param>
/// <param name="CpuSeconds">User and system time during the load.</param>
/// <param name="CpuPercent">The same as a share of one core.</param>
/// <param name="CpuMicrosecondsPerOperation">CPU of the load divided by the operations; null when there was none.</param>
/// <param name="CpuMicrosecondsPerConnection">CPU of the ramp divided by the connections; null without a ramp.</param>
/// <param name="ResidentMbBefore">Before the first connection.</param>
/// <param name="ResidentMbAfter">At the end of the load.</param>
/// <param name="ResidentMbPeak">The highest sample.</param>
/// <param name="ResidentBytesPerDevice">Growth of memory divided by the devices; null without a ramp.</param>
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
