using System.Text.RegularExpressions;
using FastGate.Testing;

namespace FastGate.Tests;

/// <summary>The repository's files, for tests that read sources.</summary>
internal static partial class SourceTree
{
    public static string Root => RepositoryRoot.Path;

    /// <summary>C# files below a folder of the repository, without build output.</summary>
    public static IEnumerable<string> Files(string folder) => Files(folder, "*.cs");

    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.GetFullPath(Path.Combine(Root, folder)), pattern, SearchOption.AllDirectories).Where(static file => !BuildOutput().IsMatch(file));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    public static string? DeclaredNamespace(string source) => Namespace().Match(source) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^namespace ([\w.]+)[;\s]", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"[\\/](?:bin|obj|node_modules|\.git|TestResults|BenchmarkDotNet\.Artifacts)[\\/]")]
    private static partial Regex BuildOutput();
}
