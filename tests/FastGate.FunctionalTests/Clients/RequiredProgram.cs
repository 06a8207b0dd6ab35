namespace FastGate.FunctionalTests.Clients;

/// <summary>Programs that tests start; <c>.ci/run</c> installs them all.</summary>
public enum RequiredProgram
{
    Python,
    PythonWebSockets,
    NodeWs,
    Jdk,
    Chromium,
    Strace,
}
