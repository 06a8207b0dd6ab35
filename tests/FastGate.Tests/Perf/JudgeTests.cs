using System.Diagnostics;
using FastGate.Benchmarks;

namespace FastGate.Tests.Perf;

public class JudgeTests
{
    [Fact]
    public async Task A_name_that_no_figure_has_is_told_and_not_taken_for_kept()
    {
        string[] line = [typeof(ExpectedAllocations).Assembly.Location, "judge", "no such figure"];
        using Process judge = Process.Start(new ProcessStartInfo("dotnet", line) { RedirectStandardOutput = true })!;
        Assert.Contains("no such figure", await judge.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await judge.WaitForExitAsync();
        Assert.Equal(1, judge.ExitCode);
    }
}
