using System.Globalization;
using System.Reflection;
using System.Text;

namespace FastGate.Diagnostics.Prometheus;

/// <summary>What the process and its runtime say of themselves, under the names Prometheus users know.</summary>
internal static class PrometheusProcess
{
    private static readonly double s_startTime = StartTime();

    public static string Version { get; } =
        typeof(PrometheusProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void Append(StringBuilder text)
    {
        Append(text, "process_resident_memory_bytes", "gauge", "Resident memory of the process.", Environment.WorkingSet);
        Append(text, "process_cpu_seconds_total", "counter", "CPU time the process has used.", Environment.CpuUsage.TotalTime.TotalSeconds);
        Append(text, "process_start_time_seconds", "gauge", "When the process began, in Unix seconds.", s_startTime);
        Append(text, "dotnet_gc_heap_bytes", "gauge", "Bytes in managed objects, dead ones not yet collected included.", GC.GetTotalMemory(false));
        Append(text, "dotnet_gc_allocated_bytes_total", "counter", "Bytes allocated by managed code.", GC.GetTotalAllocatedBytes());
        Append(text, "dotnet_gc_pause_seconds_total", "counter", "Time all threads stood still for the collector.", GC.GetTotalPauseDuration().TotalSeconds);
        AppendHead(text, "dotnet_gc_collections_total", "counter", "Collections by the oldest generation they took in.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            int own = GC.CollectionCount(generation) - (generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0);
            text.Append(CultureInfo.InvariantCulture, $"dotnet_gc_collections_total{{generation=\"{generation}\"}} {own}\n");
        }

        Append(text, "dotnet_threadpool_threads", "gauge", "Threads of the pool.", ThreadPool.ThreadCount);
        Append(text, "dotnet_threadpool_queue_length", "gauge", "Work items waiting for a pool thread.", ThreadPool.PendingWorkItemCount);
        AppendHead(text, "fastgate_build_info", "gauge", "The running version.");
        text.Append(CultureInfo.InvariantCulture, $"fastgate_build_info{{version=\"{Version}\",runtime=\"{Environment.Version}\"}} 1\n");
    }

    public static void Append(StringBuilder text, string name, string type, string help, double value)
    {
        AppendHead(text, name, type, help);
        text.Append(name).Append(' ').Append(PrometheusNames.Value(value)).Append('\n');
    }

    public static void AppendHead(StringBuilder text, string name, string type, string help)
    {
        if (help.Length > 0)
        {
            text.Append("# HELP ").Append(name).Append(' ').Append(PrometheusNames.Help(help)).Append('\n');
        }

        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private static double StartTime()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
    }
}
