using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Load;

/// <summary>Everything that grows, at one instant; two of them make a window.</summary>
internal sealed record RunInstant(
    long At, LoopCounters Counters, long[] BusyNanoseconds, long[] LatenessCounts, ProcessSample? Server, double DriverCpuSeconds);
