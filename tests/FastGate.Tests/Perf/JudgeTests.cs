using System.Diagnostics;
using FastGate.Benchmarks;

namespace FastGate.Tests.Perf;

public class JudgeTests
{
    [Fact]
    public async Task Unknown_figure_name_is_an_error()
    {
        string[] line = [typeof(ExpectedAllocations).Assembly.Location, "judge", "no such figure"];
        using Process judge = Process.Start(new ProcessStartInfo("dotnet", line) { RedirectStandardOutput = true })!;
        Assert.Contains("no such figure", await judge.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await judge.WaitForExitAsync();
        Assert.Equal(1, judge.ExitCode);
    }
}
