using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Servers;

namespace FastGate.LoadTest.Tests;

public class ProcessorPlanTests
{
    [Theory]
    [InlineData("0", null, 1, null, null)]
    [InlineData("0-1", null, 1, "0", "1")]
    [InlineData("0-1", null, 4, "0", "1")]
    [InlineData("0-7", null, 1, "0-6", "7")]
    [InlineData("0-7", null, 3, "0-4", "5-7")]
    [InlineData("2,5", null, 1, "2", "5")]
    [InlineData("0-3", "1", 1, "1", "0,2-3")]
    [InlineData("0-1", "0-1", 1, "0-1", null)]
    [InlineData("1", "0", 1, "0", "1")]
    public void Driver_and_server_share_no_processor(string allowed, string? chosen, int threads, string? server, string? driver)
    {
        var plan = ProcessorPlan.Create(AllowedProcessors.ReadList(allowed), chosen is null ? null : AllowedProcessors.ReadList(chosen), threads);
        Assert.Equal(server is null ? null : AllowedProcessors.ReadList(server).Order(), plan.Server?.Order());
        Assert.Equal(driver is null ? null : AllowedProcessors.ReadList(driver).Order(), plan.Driver?.Order());
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("0-3,7", true)]
    [InlineData("", false)]
    [InlineData("x", false)]
    [InlineData("-1", false)]
    [InlineData("0-", false)]
    [InlineData("3-1", false)]
    [InlineData("0-99999", false)]
    public void List_of_a_user_is_checked(string text, bool valid) => Assert.Equal(valid, AllowedProcessors.TryReadList(text, out _));
}
