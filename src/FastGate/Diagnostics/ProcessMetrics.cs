using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the process and its runtime, under the names that Prometheus users know.</summary>
internal static class ProcessMetrics
{
    public const string MeterName = "FastGate.Process";

    public static string Version { get; } =
        typeof(ProcessMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void Create(IMeterFactory factory)
    {
        var meter = new GatewayMeter(factory.Create(MeterName));
        var started = new Lazy<double>(StartTime);
        meter.CreateObservableGauge("process_resident_memory_bytes", static () => Environment.WorkingSet, null, "Resident memory of the process.");
        meter.CreateObservableCounter("process_cpu_seconds", static () => Environment.CpuUsage.TotalTime.TotalSeconds, null, "CPU time the process has used.");
        meter.CreateObservableGauge("process_start_time_seconds", () => started.Value, null, "When the process started, in Unix seconds.");
        meter.CreateObservableGauge("dotnet_gc_heap_bytes", static () => GC.GetTotalMemory(false), null, "Bytes of managed objects, including dead ones that are not collected yet.");
        meter.CreateObservableCounter("dotnet_gc_allocated_bytes", static () => GC.GetTotalAllocatedBytes(), null, "Bytes allocated by managed code.");
        meter.CreateObservableCounter("dotnet_gc_pause_seconds", static () => GC.GetTotalPauseDuration().TotalSeconds, null, "Time all threads were paused for the collector.");
        meter.CreateObservableCounter("dotnet_gc_collections", Collections, null, "Collections by the oldest generation they included.");
        meter.CreateObservableGauge("dotnet_threadpool_threads", static () => ThreadPool.ThreadCount, null, "Threads of the pool.");
        meter.CreateObservableGauge("dotnet_threadpool_queue_length", static () => ThreadPool.PendingWorkItemCount, null, "Work items that wait for a pool thread.");
        meter.CreateObservableGauge("fastgate_build_info", BuildInfo, null, "The running version.");
        meter.CreateObservableCounter("fastgate_scrape_errors", () => meter.Failures, null, "Instruments that failed while they were read.");
    }

    private static IEnumerable<Measurement<long>> Collections()
    {
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            int own = GC.CollectionCount(generation) - (generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0);
            yield return new Measurement<long>(own, new KeyValuePair<string, object?>("generation", generation));
        }
    }

    private static Measurement<int> BuildInfo() => new(
        1, new KeyValuePair<string, object?>("version", Version), new KeyValuePair<string, object?>("runtime", Environment.Version.ToString()));

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
    }
}
