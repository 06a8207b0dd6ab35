using System.Runtime.CompilerServices;

namespace FastGate.FunctionalTests.Sockets;

/// <summary>What makes this run of the suite differ from the other: every server it starts is told its transport.</summary>
internal static class SocketsTransport
{
    [ModuleInitializer]
    internal static void Choose() => Environment.SetEnvironmentVariable("FASTGATE_TRANSPORT", "Sockets");
}
