using System.Collections.Concurrent;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>A test that needs a program of somebody else's; without it the test is skipped and says what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresProgramFactAttribute : FactAttribute
{
    private static readonly ConcurrentDictionary<RequiredProgram, string?> s_missing = new();

    public RequiresProgramFactAttribute(RequiredProgram program)
    {
        Program = program;
        Skip = WhyMissing(program);
    }

    public RequiredProgram Program { get; }

    /// <summary>What to say of a test that is skipped; null when the program is there.</summary>
    public static string? WhyMissing(RequiredProgram program) => s_missing.GetOrAdd(program, Look);

    private static string? Look(RequiredProgram program)
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
                ? null : "needs strace, and the right to trace any process",
            _ => throw new ArgumentOutOfRangeException(nameof(program)),
        };
    }
}
