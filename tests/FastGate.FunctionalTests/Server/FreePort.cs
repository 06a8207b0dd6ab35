using System.Net;
using System.Net.Sockets;

namespace FastGate.FunctionalTests.Server;

/// <summary>
/// Ports for servers that need theirs before they start; outside the kernel's ephemeral range. Test processes that run at the same time have different
/// ports: each holds the first port of its block.
/// </summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Blocks = 20;
    private const int PortsOfBlock = 600;

    private static readonly Socket s_holder = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private static readonly int s_block = Hold();
    private static int s_next;

    public static int Next()
    {
        for (int i = 0; i < PortsOfBlock; i++)
        {
            int port = s_block + 1 + (Interlocked.Increment(ref s_next) % (PortsOfBlock - 1));
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            if (TryBind(probe, port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"All ports from {s_block} are in use.");
    }

    private static int Hold()
    {
        for (int i = 0; i < Blocks; i++)
        {
            int block = First + ((Environment.ProcessId + i) % Blocks * PortsOfBlock);
            if (TryBind(s_holder, block))
            {
                return block;
            }
        }

        throw new InvalidOperationException("Other test processes hold all blocks of ports.");
    }

    private static bool TryBind(Socket socket, int port)
    {
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
