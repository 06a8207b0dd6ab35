using FastGate.LoadTest.Measure;
using HdrHistogram;

namespace FastGate.LoadTest.Load;

/// <summary>All counts at one instant; the difference of two is an interval.</summary>
internal sealed record RunInstant(
    long At, LoopCounters Counters, long[] BusyNanoseconds, HistogramBase Lateness, ProcessSample? Server, double DriverCpuSeconds);
