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
                ? null : "needs /usr/bin/python3",
            RequiredProgram.PythonWebSockets => ExternalProgram.Succeeds(ExternalProgram.Python, "-c", "import websockets")
                ? null : "needs Debian's python3-websockets",
            RequiredProgram.NodeWs => File.Exists(nodeModule) && ExternalProgram.Succeeds("node", "--version")
                ? null : "needs node, and 'npm ci' in tests/clients/node",
            RequiredProgram.Jdk => ExternalProgram.Succeeds("java", "--describe-module", "jdk.compiler")
                ? null : "needs a JDK (java with the compiler module)",
            RequiredProgram.Chromium => ExternalProgram.Succeeds("chromium", "--version")
                ? null : "needs chromium",
            RequiredProgram.Strace => ExternalProgram.Succeeds("strace", "--version") && Environment.IsPrivilegedProcess
                ? null : "needs strace and root rights to attach to processes",
            _ => throw new ArgumentOutOfRangeException(nameof(program)),
        };
    }
}
