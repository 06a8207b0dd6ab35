using System.CommandLine;
using System.Diagnostics;
using System.Net;
using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Commands;

namespace FastGate.LoadTest.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("90", 90_000)]
    [InlineData("90s", 90_000)]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("00:01:30", 90_000)]
    public void Durations_are_read(string text, double milliseconds)
    {
        Assert.True(DurationParser.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("s")]
    [InlineData("-00:01:00")]
    [InlineData("1001.00:00:00")]
    [InlineData("24001h")]
    public void Invalid_duration_is_rejected(string text) => Assert.False(DurationParser.TryParse(text, out _));

    [Theory]
    [InlineData("127.0.0.1:8000", true)]
    [InlineData("127.9.9.9:8000", true)]
    [InlineData("ws://127.0.0.1:8000/xiaozhi/v1/", true)]
    [InlineData("10.0.0.1:8000", false)]
    [InlineData("8.8.8.8:80", false)]
    [InlineData("wss://127.0.0.1:8000", false)]
    [InlineData("[::1]:8000", false)]
    [InlineData("", false)]
    public void Remote_target_needs_an_option(string text, bool allowed)
    {
        Assert.Equal(allowed, TargetParser.TryParse(text, allowRemote: false, out _, out _, out _, out string error));
        Assert.Equal(allowed, error.Length == 0);
    }

    [Fact]
    public void Remote_target_is_allowed_with_the_option()
    {
        Assert.True(TargetParser.TryParse("10.0.0.1:8000", allowRemote: true, out IPEndPoint target, out string host, out string? path, out _));
        Assert.Equal((new IPEndPoint(IPAddress.Parse("10.0.0.1"), 8000), "10.0.0.1", null), (target, host, path));
    }

    [Fact]
    public void Every_option_of_every_scenario_has_an_example()
    {
        RootCommand root = ScenarioCommands.Create(TextWriter.Null, TextWriter.Null);
        Assert.Equal(["hold", "ping", "converse", "speak", "audio", "churn", "storm", "takeover", "abuse", "flood", "restart", "serve"], root.Subcommands.Select(command => command.Name));
        Assert.All(root.Subcommands, command =>
        {
            Assert.Contains("Example: dotnet run -c Release --project perf/FastGate.LoadTest -- " + command.Name, command.Description, StringComparison.Ordinal);
            Assert.All(command.Options.Where(option => option.Name != "--help"), option =>
                Assert.Contains("E.g. " + option.Name, option.Description, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Every_example_of_a_command_parses()
    {
        RootCommand root = ScenarioCommands.Create(TextWriter.Null, TextWriter.Null);
        Assert.All(root.Subcommands.Append(root), command => Assert.Empty(root.Parse(command.Description!.Split("-- ")[^1].Trim()).Errors));
    }

    [Fact]
    public void Every_example_of_an_option_parses_and_sets_it()
    {
        RootCommand root = ScenarioCommands.Create(TextWriter.Null, TextWriter.Null);
        Assert.All(root.Subcommands, command => Assert.All(command.Options.Where(option => option.Name != "--help"), option =>
        {
            ParseResult parsed = root.Parse($"{command.Name} {option.Description!.Split("E.g. ")[1]}");
            Assert.Empty(parsed.Errors);
            Assert.False(parsed.GetResult(option)!.Implicit);
        }));
    }

    [Fact]
    public async Task Help_shows_an_example_of_the_command_and_of_each_option()
    {
        RootCommand root = ScenarioCommands.Create(TextWriter.Null, TextWriter.Null);
        foreach (Command command in root.Subcommands)
        {
            using StringWriter help = new();
            Assert.Equal(0, await root.Parse([command.Name, "--help"]).InvokeAsync(new InvocationConfiguration { Output = help }));
            Assert.Contains("Example: dotnet run -c Release --project perf/FastGate.LoadTest -- " + command.Name, help.ToString(), StringComparison.Ordinal);
            Assert.All(command.Options.Where(option => option.Name != "--help"), option => Assert.Contains("E.g. " + option.Name, help.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Invalid_command_line_shows_only_the_error()
    {
        string[] line = [typeof(ScenarioRunner).Assembly.Location, "ping", "--duration", "5x"];
        using Process driver = new() { StartInfo = new(RepositoryPaths.DotnetHost, line) { RedirectStandardOutput = true, RedirectStandardError = true } };
        driver.Start();
        string[] said = await Task.WhenAll(driver.StandardOutput.ReadToEndAsync(), driver.StandardError.ReadToEndAsync()).WaitAsync(Deadline.Program);
        await driver.WaitForExitAsync().WaitAsync(Deadline.Hang);
        Assert.Equal(("", "'5x' is no duration: write 90s, 250ms, 5m or 1h.", ScenarioRunner.NotMeasured), (said[0].Trim(), said[1].Trim(), driver.ExitCode));
    }

    [Theory]
    [InlineData("ping --target 10.0.0.1:80", "outside 127.0.0.0/8")]
    [InlineData("ping --devices 0", "--devices")]
    [InlineData("ping --ramp 0", "--ramp")]
    [InlineData("ping --ramp NaN", "--ramp")]
    [InlineData("ping --ramp 1e-9", "--ramp")]
    [InlineData("ping --rate -1", "--rate")]
    [InlineData("ping --rate 1e12", "--rate")]
    [InlineData("ping --rate 1e-9", "--rate")]
    [InlineData("ping --server-pid -1", "no such process")]
    [InlineData("ping --server-pid 2147483647", "no such process")]
    [InlineData("ping --json /nowhere/run.json", "--json '/nowhere/run.json' cannot be written")]
    [InlineData("ping --html /proc", "--html '/proc' cannot be written")]
    [InlineData("serve --port 65536", "--port")]
    [InlineData("ping --threads 0", "--threads")]
    [InlineData("ping --max-server-cpu-us 10", "--server-pid")]
    [InlineData("ping --start-server --target 127.0.0.1:8000", "--target")]
    [InlineData("ping --start-server --server-pid 1", "--server-pid")]
    [InlineData("ping --server-processors 0", "--start-server")]
    [InlineData("ping --server-option FastGate:Devices:Echo=true", "--start-server")]
    [InlineData("ping --start-server --server-processors all", "--server-processors")]
    [InlineData("ping --compare /nowhere/run.json", "--compare")]
    [InlineData("hold --devices 1999999", "descriptors")]
    [InlineData("converse --barge-in 1", "--barge-in")]
    [InlineData("converse --barge-in NaN", "--barge-in")]
    [InlineData("converse --devices 10 --rate 100", "--speech")]
    [InlineData("storm --cut-after 10s --duration 5s", "--cut-after")]
    public async Task Impossible_run_is_rejected_with_the_reason(string line, string reason)
    {
        using StringWriter errors = new();
        int status = await ScenarioCommands.Create(TextWriter.Null, errors).Parse(line).InvokeAsync();
        Assert.Equal(ScenarioRunner.NotMeasured, status);
        Assert.Contains(reason, errors.ToString(), StringComparison.Ordinal);
    }
}
