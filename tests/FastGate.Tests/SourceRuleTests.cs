namespace FastGate.Tests;

/// <summary>Rules for every source file of the repository.</summary>
public sealed class SourceRuleTests
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

    private static IEnumerable<string> SourceFiles() => ((string[])["src", "tests", "perf"]).SelectMany(SourceTree.Files);
}
