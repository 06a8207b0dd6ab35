using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Tests;

public class ProcessSampleTests
{
    [Fact]
    public void Process_name_may_contain_spaces_and_parentheses() =>
        Assert.Equal(3.21, ProcessSample.ReadCpu("7 (a) b (c 9) S 1 2 3 4 5 6 7 8 9 10 300 21 0 0 20 0 1 0 5 6 7"), 9);

    [Fact]
    public void Resident_memory_is_in_bytes() =>
        Assert.Equal(71_680 * 1024L, ProcessSample.ReadResident("Name:\tx\nVmHWM:\t   99999 kB\nVmRSS:\t   71680 kB\nThreads:\t3\n"));

    [Fact]
    public void Sample_of_an_unknown_process_is_null() => Assert.Null(ProcessSample.Take(int.MaxValue));

    [Fact]
    public void Sample_of_this_process_grows_with_its_memory_and_cpu_time()
    {
        const int Size = 128 * 1024 * 1024;
        ProcessSample before = ProcessSample.Take(Environment.ProcessId)!.Value;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        byte[] memory = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
        while (Environment.CpuUsage.TotalTime - cpu < TimeSpan.FromMilliseconds(200))
        {
            Array.Fill(memory, (byte)1);
        }

        ProcessSample after = ProcessSample.Take(Environment.ProcessId)!.Value;
        GC.KeepAlive(memory);
        Assert.InRange(after.ResidentBytes - before.ResidentBytes, Size / 2, 16L * Size);

        // /proc counts in steps of 10 ms.
        Assert.InRange(after.CpuSeconds - before.CpuSeconds, 0.18, 60);
    }
}
