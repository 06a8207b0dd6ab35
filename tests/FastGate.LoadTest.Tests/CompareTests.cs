using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.LoadTest.Tests;

/// <summary>perf/compare without its measurements, which take minutes on a quiet machine.</summary>
public class CompareTests
{
    private const int NotMeasured = 3;

    private static readonly string s_compare = Path.Combine(RepositoryPaths.Root, "perf", "compare");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Statistics_and_verdicts_pass_their_own_test() => ExternalProgram.RunAsync(ExternalProgram.Python, ["-B", s_compare, "--self-test"]);

    /// <summary>Status 1 means a regression and 2 a busy machine, so an error must have another one.</summary>
    [RequiresProgramTheory(RequiredProgram.Python)]
    [InlineData("BASE is missing")]
    [InlineData("an interval needs two rounds at least", "HEAD", "--rounds", "1")]
    [InlineData("invalid int value", "HEAD", "--rounds", "x")]
    [InlineData("no-such-commit", "no-such-commit")]
    public async Task Impossible_comparison_ends_with_a_status_of_its_own(string reason, params string[] arguments)
    {
        (int exitCode, _, string errors) = await ExternalProgram.RunToEndAsync(ExternalProgram.Python, ["-B", s_compare, .. arguments]);
        Assert.Equal(NotMeasured, exitCode);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }
}
