using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Tests;

public class ProcessSampleTests
{
    [Fact]
    public void The_name_of_a_process_may_hold_anything() =>
        Assert.Equal(3.21, ProcessSample.ReadCpu("7 (a) b (c 9) S 1 2 3 4 5 6 7 8 9 10 300 21 0 0 20 0 1 0 5 6 7"), 9);

    [Fact]
    public void Resident_memory_is_in_bytes() =>
        Assert.Equal(71_680 * 1024L, ProcessSample.ReadResident("Name:\tx\nVmHWM:\t   99999 kB\nVmRSS:\t   71680 kB\nThreads:\t3\n"));

    [Fact]
    public void A_process_that_is_gone_gives_nothing() => Assert.Null(ProcessSample.Take(int.MaxValue));

    [Fact]
    public void This_process_is_seen() => Assert.InRange(ProcessSample.Take(Environment.ProcessId)!.Value.ResidentBytes, 1_000_000, long.MaxValue);
}
