namespace FastGate.Http.Admin;

internal sealed record ProcessReport(int Id, long ResidentBytes, long ManagedBytes, double CpuSeconds, int PoolThreads, int Processors)
{
    public static ProcessReport Now() => new(
        Environment.ProcessId,
        Environment.WorkingSet,
        GC.GetTotalMemory(false),
        Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 3),
        ThreadPool.ThreadCount,
        Environment.ProcessorCount);
}
