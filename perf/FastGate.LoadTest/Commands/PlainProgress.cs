using System.Globalization;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;

namespace FastGate.LoadTest.Commands;

/// <summary>Writes one line per sample, for logs and pipes.</summary>
internal sealed class PlainProgress(TextWriter output) : IRunProgress
{
    public void Show(string stage, SampleReport sample, long failed, long lost) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{sample.Seconds,7:0.0} s {stage,-6} devices {sample.Open,6}  ops/s {sample.OperationsPerSecond,8:0}  p50 {Or(sample.P50Ms),8} ms  p99 {Or(sample.P99Ms),8} ms  server {Or(sample.ServerCpuPercent),5} % {Or(sample.ServerMb),6} MB  driver {sample.DriverCpuPercent,5} %  failed {failed}  lost {lost}"));

    private static string Or(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
