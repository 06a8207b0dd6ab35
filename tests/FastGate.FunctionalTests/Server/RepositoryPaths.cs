using FastGate.Testing;

namespace FastGate.FunctionalTests.Server;

/// <summary>Paths of the repository, found from the test's output folder.</summary>
public static class RepositoryPaths
{
    public static string Root => RepositoryRoot.Path;

    /// <summary>The build configuration, taken from <c>bin/Release/net10.0/</c>.</summary>
    public static string Configuration { get; } =
        Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;

    public static string Clients { get; } = Path.Combine(Root, "tests", "clients");

    public static string DotnetHost { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The server under test. <c>FASTGATE_SERVER</c> names another one, for example a published server.</summary>
    public static string ServerAssembly { get; } =
        Environment.GetEnvironmentVariable("FASTGATE_SERVER")
        ?? Path.Combine(Root, "src", "FastGate", "bin", Configuration, "net10.0", "FastGate.dll");

    /// <summary>Whether the server under test was published with Native AOT: a program of its own, without the dotnet host.</summary>
    public static bool IsNativeServer { get; } = !ServerAssembly.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    /// <summary>Starts the server under test, a copy of it, or its program by the name of a link.</summary>
    public static string[] ServerCommand(string? copy = null, string? link = null) =>
        IsNativeServer ? [link ?? copy ?? ServerAssembly] : [link ?? DotnetHost, copy ?? ServerAssembly];

    /// <summary>The file that the system runs for the server under test.</summary>
    public static string Program { get; } = IsNativeServer ? ServerAssembly
        : DotnetHost.Contains('/', StringComparison.Ordinal) ? DotnetHost
        : Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(static folder => Path.Combine(folder, DotnetHost)).First(File.Exists);
}
