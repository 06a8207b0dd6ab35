using System.Collections.Concurrent;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>Skips the test when the external program that it needs is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresProgramFactAttribute : FactAttribute
{
    private static readonly ConcurrentDictionary<RequiredProgram, string?> s_missing = new();

    public RequiresProgramFactAttribute(RequiredProgram program)
    {
        Program = program;
        Skip = MissingReason(program);
    }

    public RequiredProgram Program { get; }

    /// <summary>The skip reason; null when the program is installed.</summary>
    public static string? MissingReason(RequiredProgram program) => s_missing.GetOrAdd(program, FindMissing);

    private static string? FindMissing(RequiredProgram program)
    {
        string nodeModule = Path.Combine(RepositoryPaths.Clients, "node", "node_modules", "ws", "package.json");
        return program switch
        {
            RequiredProgram.Python => ExternalProgram.Succeeds(ExternalProgram.Python, "-c", "import http.server")
                ? null : "/usr/bin/python3 is missing: apt-get install python3",
            RequiredProgram.PythonWebSockets => ExternalProgram.Succeeds(ExternalProgram.Python, "-c", "import websockets")
                ? null : "the module websockets of /usr/bin/python3 is missing: apt-get install python3-websockets",
            RequiredProgram.NodeWs => !ExternalProgram.Succeeds("node", "--version")
                ? "node is missing: apt-get install nodejs npm, then npm ci in tests/clients/node"
                : File.Exists(nodeModule) ? null : "the package ws is missing: npm ci in tests/clients/node (apt-get install npm)",
            RequiredProgram.Jdk => ExternalProgram.Succeeds("java", "--describe-module", "jdk.compiler")
                ? null : "a java with the module jdk.compiler is missing: apt-get install default-jdk-headless",
            RequiredProgram.Chromium => ExternalProgram.Succeeds("chromium", "--version")
                ? null : "chromium is missing: apt-get install chromium",
            RequiredProgram.Strace => !ExternalProgram.Succeeds("strace", "--version")
                ? "strace is missing: apt-get install strace"
                : Environment.IsPrivilegedProcess ? null : "strace attaches to processes only as root: run the tests as root",
            _ => throw new ArgumentOutOfRangeException(nameof(program)),
        };
    }
}
