using FastGate.LoadTest.Measure;
using HdrHistogram;

namespace FastGate.LoadTest.Load;

/// <summary>Everything that grows, at one instant; two of them make a window.</summary>
internal sealed record RunInstant(
    long At, LoopCounters Counters, long[] BusyNanoseconds, HistogramBase Lateness, ProcessSample? Server, double DriverCpuSeconds);
