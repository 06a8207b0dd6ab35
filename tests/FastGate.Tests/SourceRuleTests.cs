using System.Text.RegularExpressions;

namespace FastGate.Tests;

/// <summary>Rules for every source file of the repository.</summary>
public sealed partial class SourceRuleTests
{
    private const int MaxLines = 300;

    [Fact]
    public void A_namespace_is_its_folder()
    {
        List<string> violations = [];
        foreach (string file in SourceFiles())
        {
            string relative = SourceTree.Relative(file);
            // The project of the fuzz targets is beside its inputs, in tests/fuzz.
            string folder = string.Join('.', relative.Split('/')[1..^1].Where(static part => part != "fuzz"));
            string? declared = SourceTree.DeclaredNamespace(File.ReadAllText(file));
            if (declared is not null && declared != folder)
            {
                violations.Add($"{relative} declares {declared}");
            }
        }

        Assert.Empty(violations);
    }

    [Fact]
    public void No_file_is_longer_than_300_lines() =>
        Assert.Empty(SourceFiles().Where(static file => File.ReadLines(file).Count() > MaxLines).Select(SourceTree.Relative));

    /// <summary>xUnit 2 calls <see cref="IAsyncLifetime"/> and <see cref="IDisposable"/> only. What a test leaves open disturbs those after it.</summary>
    [Fact]
    public void Test_classes_that_are_disposed_of_asynchronously_say_it_to_the_framework() => Assert.Empty(
        SourceTree.Files("tests")
            .Where(static file => file.EndsWith("Tests.cs", StringComparison.Ordinal))
            .Select(static file => (Path: SourceTree.Relative(file), Text: File.ReadAllText(file)))
            .Where(static file => AsyncDisposableTests().IsMatch(file.Text)
                && !file.Text.Contains("Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();", StringComparison.Ordinal))
            .Select(static file => file.Path));

    [GeneratedRegex(@"^public sealed (partial )?class \w+Tests\b.*\bIAsyncDisposable\b", RegexOptions.Multiline)]
    private static partial Regex AsyncDisposableTests();

    private static IEnumerable<string> SourceFiles() => ((string[])["src", "tests", "perf"]).SelectMany(SourceTree.Files);
}
