using System.Net;
using System.Net.Sockets;

namespace FastGate.FunctionalTests.Server;

/// <summary>Ports for servers that need theirs before they start; outside the kernel's ephemeral range.</summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Last = 31_000;
    private static int s_next = First + (Environment.ProcessId * 37 % (Last - First));

    public static int Next()
    {
        while (true)
        {
            int port = First + (Interlocked.Increment(ref s_next) % (Last - First));
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // The port is in use; try the next one.
            }
        }
    }
}
