using System.Collections.Concurrent;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Cluster;
using FastGate.Testing.Postgres;

namespace FastGate.FunctionalTests.Clients;

/// <summary>Finds out which external programs are installed, once per program, and how to install the others.</summary>
public static class InstalledPrograms
{
    private static readonly ConcurrentDictionary<RequiredProgram, string?> s_missing = new();

    /// <summary>The skip reason; null when the program is installed.</summary>
    public static string? MissingReason(RequiredProgram program) => s_missing.GetOrAdd(program, static missing => IsInstalled(missing) ? null : Reason(missing));

    /// <summary>What is missing and the command that installs it.</summary>
    public static string Reason(RequiredProgram program) => program switch
    {
        RequiredProgram.Python => "/usr/bin/python3 is missing: apt-get install python3",
        RequiredProgram.PythonWebSockets => "the module websockets of /usr/bin/python3 is missing: apt-get install python3-websockets",
        RequiredProgram.NodeWs => "node or its package ws is missing: apt-get install nodejs npm, then npm ci in tests/clients/node",
        RequiredProgram.McpEverything => "node or its package @modelcontextprotocol/server-everything is missing: apt-get install nodejs npm, then npm ci in tests/clients/mcp",
        RequiredProgram.Jdk => "java with the module jdk.compiler is missing: apt-get install default-jdk-headless",
        RequiredProgram.Chromium => "chromium is missing: apt-get install chromium",
        RequiredProgram.Strace => "strace is missing or may not attach: apt-get install strace, and run the tests as root",
        RequiredProgram.Curl => "curl is missing: apt-get install curl",
        RequiredProgram.Openssl => "openssl is missing: apt-get install openssl",
        RequiredProgram.Tini => "tini is missing: apt-get install tini",
        RequiredProgram.Unshare => "unshare is missing or may not create a namespace: apt-get install util-linux, and run the tests as root",
        RequiredProgram.SpeakingBrowser => "chromium or espeak-ng is missing: apt-get install chromium espeak-ng",
        RequiredProgram.Espeak => "espeak-ng is missing: apt-get install espeak-ng",
        RequiredProgram.Pocketsphinx => "pocketsphinx with its English model or espeak-ng is missing: apt-get install pocketsphinx pocketsphinx-en-us espeak-ng",
        RequiredProgram.Postgres => "postgresql is missing: apt-get install postgresql",
        RequiredProgram.Silero => "FASTGATE_SILERO_MODEL names no model file (.ci/voice-model fetches it) or espeak-ng is missing: apt-get install espeak-ng",
        RequiredProgram.Zsh => "zsh is missing: apt-get install zsh",
        RequiredProgram.Redis => "redis-server is missing: apt-get install redis-server",
        _ => throw new ArgumentOutOfRangeException(nameof(program)),
    };

    public static string? SileroModel { get; } = Environment.GetEnvironmentVariable("FASTGATE_SILERO_MODEL");

    public static string NameOfSkipped(string file, string method, string reason) => $"{Path.GetFileNameWithoutExtension(file)}.{method} ({reason})";

    private static bool IsInstalled(RequiredProgram program) => program switch
    {
        RequiredProgram.Python => ExternalProgram.Succeeds(ExternalProgram.Python, "-c", "import http.server"),
        RequiredProgram.PythonWebSockets => ExternalProgram.Succeeds(ExternalProgram.Python, "-c", "import websockets"),
        RequiredProgram.NodeWs => File.Exists(Path.Combine(RepositoryPaths.Clients, "node", "node_modules", "ws", "package.json"))
            && ExternalProgram.Succeeds("node", "--version"),
        RequiredProgram.McpEverything => File.Exists(Path.Combine(RepositoryPaths.Clients, "mcp", "node_modules", "@modelcontextprotocol", "server-everything", "package.json"))
            && ExternalProgram.Succeeds("node", "--version"),
        RequiredProgram.Jdk => ExternalProgram.Succeeds("java", "--describe-module", "jdk.compiler"),
        RequiredProgram.Chromium => ExternalProgram.Succeeds("chromium", "--version"),
        RequiredProgram.Strace => ExternalProgram.Succeeds("strace", "--version") && Environment.IsPrivilegedProcess,
        RequiredProgram.Curl => ExternalProgram.Succeeds("curl", "--version"),
        RequiredProgram.Openssl => ExternalProgram.Succeeds("openssl", "version"),
        RequiredProgram.Tini => ExternalProgram.Succeeds("tini", "--version") && IsInstalled(RequiredProgram.Unshare),
        RequiredProgram.Unshare => ExternalProgram.Succeeds("unshare", "--pid", "--fork", "--mount-proc", "true"),
        RequiredProgram.SpeakingBrowser => IsInstalled(RequiredProgram.Chromium) && ExternalProgram.Succeeds("espeak-ng", "--version"),
        RequiredProgram.Espeak => ExternalProgram.Succeeds("espeak-ng", "--version"),
        RequiredProgram.Pocketsphinx => IsInstalled(RequiredProgram.Espeak) && IsInstalled(RequiredProgram.Python)
            && File.Exists("/usr/bin/pocketsphinx_continuous") && Directory.Exists("/usr/share/pocketsphinx/model/en-us/en-us"),
        RequiredProgram.Postgres => PostgresServer.MissingReason is null,
        RequiredProgram.Silero => IsInstalled(RequiredProgram.Espeak) && File.Exists(SileroModel),
        RequiredProgram.Zsh => ExternalProgram.Succeeds("zsh", "--version"),
        RequiredProgram.Redis => RedisServer.MissingReason is null,
        _ => throw new ArgumentOutOfRangeException(nameof(program)),
    };
}
