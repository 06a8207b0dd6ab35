using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Reports;
using Spectre.Console;

namespace FastGate.LoadTest.Tests;

public class ProgressTests
{
    private static readonly SampleReport s_known = new(12.5, 1_234, 2_345.6, 3_000, 0.75, 1.25, 34.5, 98.75, 45.5);
    private static readonly SampleReport s_unknown = new(0.5, 10, 0, 0, null, null, null, null, 1.5);

    [Fact]
    public void Pipe_gets_one_line_per_sample()
    {
        using StringWriter output = new();
        var progress = new PlainProgress(output);
        progress.Show("load", s_known, failed: 3, lost: 2);
        progress.Show("ramp", s_unknown, failed: 0, lost: 0);
        Assert.Equal(
            [
                "   12.5 s load   devices   1234  ops/s     2346  p50     0.75 ms  p99     1.25 ms  server  34.5 %  98.75 MB  driver  45.5 %  failed 3  lost 2",
                "    0.5 s ramp   devices     10  ops/s        0  p50        - ms  p99        - ms  server     - %      - MB  driver   1.5 %  failed 0  lost 0",
                "",
            ],
            output.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public void Terminal_gets_a_table_with_the_history()
    {
        using StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        int result = TerminalProgress.Run(console, "pong", progress =>
        {
            progress.Show("ramp", s_unknown, failed: 0, lost: 0);
            progress.Show("load", s_known, failed: 3, lost: 2);
            return 7;
        });
        Assert.Equal(7, result);
        string drawn = output.ToString();
        Assert.All(
            ["ramp, 0.5 s", "load, 12.5 s", "1,234", "failed 3, lost 2", "pongs a second", "2,345.6", "0.75 ms", "1.25 ms", "34.5 %", "98.75 MB", "45.5 %", " █"],
            text => Assert.Contains(text, drawn, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new double[0], "")]
    [InlineData(new[] { 0.0, 0 }, "  ")]
    [InlineData(new[] { 0.0, 4, 8 }, " ▄█")]
    public void History_is_scaled_to_its_maximum(double[] history, string drawn) =>
        Assert.Equal(drawn, TerminalProgress.Spark([.. history.Select(value => (double?)value)]));
}
