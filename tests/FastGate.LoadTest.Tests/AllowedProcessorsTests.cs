using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Tests;

public class AllowedProcessorsTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3,7\n", new[] { 0, 1, 2, 3, 7 })]
    [InlineData("", new int[0])]
    public void Lists_of_the_kernel_are_read(string text, int[] processors) => Assert.Equal(processors, AllowedProcessors.ReadList(text).Order());

    [Fact]
    public void A_process_says_where_it_may_run() =>
        Assert.Equal([1, 4, 5], AllowedProcessors.ReadStatus("Name:\tx\nCpus_allowed:\t32\nCpus_allowed_list:\t1,4-5\nMems_allowed_list:\t0\n").Order());

    [Fact]
    public void Who_is_pinned_beside_this_process_adds_its_processors_and_who_is_gone_none()
    {
        int own = AllowedProcessors.CountOf(Environment.ProcessId);
        Assert.Equal(Environment.ProcessorCount, own);
        Assert.Equal(own, AllowedProcessors.CountOf(Environment.ProcessId, Environment.ProcessId, 0, int.MaxValue));
        Assert.InRange(AllowedProcessors.CountOnline(), own, int.MaxValue);
    }
}
