using System.Runtime.CompilerServices;

namespace FastGate.Tests.Contract;

/// <summary>A list that operators rely on, kept beside its test. A difference is a breaking change and needs a CHANGELOG entry.</summary>
internal static class GoldenFile
{
    public static void AssertEqual(string name, IEnumerable<string> actual, [CallerFilePath] string test = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(test)!, name);
        AssertSame(path, actual.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    /// <summary>As <see cref="AssertEqual"/>, with the lines in their order.</summary>
    public static void AssertSame(string path, IEnumerable<string> actual)
    {
        string[] lines = [.. actual];
        if (Environment.GetEnvironmentVariable("FASTGATE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(path, lines);
        }

        Assert.Equal(File.ReadAllLines(path), lines);
    }
}
