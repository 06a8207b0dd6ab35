using System.Runtime.CompilerServices;

namespace FastGate.FunctionalTests.Sockets;

/// <summary>Makes every server that this project starts use the sockets transport.</summary>
internal static class SocketsTransport
{
    [ModuleInitializer]
    internal static void Choose() => Environment.SetEnvironmentVariable("FASTGATE_TRANSPORT", "Sockets");
}
