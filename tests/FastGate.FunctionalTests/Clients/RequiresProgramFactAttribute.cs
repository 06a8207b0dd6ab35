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
        Skip = s_missing.GetOrAdd(program, WhyMissing);
    }

    public RequiredProgram Program { get; }

    private static string? WhyMissing(RequiredProgram program)
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
            _ => throw new ArgumentOutOfRangeException(nameof(program)),
        };
    }
}
