namespace FastGate.FunctionalTests.Clients;

/// <summary>External programs that tests start; <c>.ci/run</c> installs all of them.</summary>
public enum RequiredProgram
{
    Python,
    PythonWebSockets,
    NodeWs,
    McpEverything,
    Jdk,
    Chromium,
    Strace,
    Tini,
    Curl,
    Openssl,
    Unshare,
    SpeakingBrowser,
    Espeak,
    Pocketsphinx,
    Silero,
    Zsh,
    Redis,
    Postgres,
}
