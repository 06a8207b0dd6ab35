using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>The files of <c>deploy/</c>, changed only where a test's ports, paths and certificates replace the published ones.</summary>
internal static class DeployFiles
{
    public static string Folder { get; } = Path.Combine(RepositoryPaths.Root, "deploy");

    public static string PathOf(params string[] names) => Path.Combine([Folder, .. names]);

    /// <summary>The text of a file with each text replaced; a text that is not in the file fails the test.</summary>
    public static string Read(string file, params (string Old, string New)[] changes)
    {
        string text = File.ReadAllText(PathOf(file.Split('/')));
        foreach ((string old, string replacement) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        }

        return text;
    }
}
