using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Tests;

public class AllowedProcessorsTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3,7\n", new[] { 0, 1, 2, 3, 7 })]
    [InlineData("", new int[0])]
    public void Kernel_list_is_read(string text, int[] processors) => Assert.Equal(processors, AllowedProcessors.ReadList(text).Order());

    [Fact]
    public void Allowed_list_is_read_from_the_status() =>
        Assert.Equal([1, 4, 5], AllowedProcessors.ReadStatus("Name:\tx\nCpus_allowed:\t32\nCpus_allowed_list:\t1,4-5\nMems_allowed_list:\t0\n").Order());

    [Fact]
    public void Counts_processors_of_all_live_pids()
    {
        int own = AllowedProcessors.CountOf(Environment.ProcessId);
        Assert.Equal(Environment.ProcessorCount, own);
        Assert.Equal(own, AllowedProcessors.CountOf(Environment.ProcessId, Environment.ProcessId, 0, int.MaxValue));
        Assert.Equal(1, AllowedProcessors.CountOf(0, int.MaxValue));
    }

    [Fact]
    public void Online_processors_are_those_of_procfs()
    {
        int expected = File.ReadLines("/proc/stat").Count(static line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3]));
        Assert.Equal(expected, AllowedProcessors.CountOnline());
    }
}
