using System.Net.Sockets;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Sockets;

/// <summary>What the sockets transport does with one accepted socket or one failed accept.</summary>
internal static class SocketOperations
{
    /// <summary>Bytes of a refused request that are read: as much as one receive of an event loop, and more than any valid request.</summary>
    private const int DiscardedOfRefused = 64 * 1024;

    /// <summary>Whether an accepted socket has the options of its listener, which saves the calls for each connection.</summary>
    public static bool AcceptedInherits { get; } = OperatingSystem.IsLinux();

    /// <summary>Sets the options of a listener, and of each accepted socket unless <see cref="AcceptedInherits"/>.</summary>
    public static void Configure(Socket socket, TransportOptions options)
    {
        socket.NoDelay = true;
        socket.SendBufferSize = options.SendBuffer;
        socket.ReceiveBufferSize = options.ReceiveBuffer;
        if (!options.KeepAlive)
        {
            return;
        }

        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, options.KeepAliveIdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, options.KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, options.KeepAliveProbes);
    }

    /// <summary>Sends the refusal and closes the socket, without waiting.</summary>
    public static void Refuse(Socket socket, ReadOnlySpan<byte> refusal)
    {
        try
        {
            socket.Blocking = false;
            if (!refusal.IsEmpty)
            {
                socket.Send(refusal, SocketFlags.None, out _);
            }

            socket.Shutdown(SocketShutdown.Send);

            // Unread input would turn the close into a reset that overtakes the answer.
            Span<byte> discarded = stackalloc byte[2048];
            int count;
            for (int left = DiscardedOfRefused; left > 0; left -= count)
            {
                count = socket.Receive(discarded, SocketFlags.None, out _);
                if (count <= 0)
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // The peer has gone, so there is nothing to answer.
        }
        finally
        {
            socket.Dispose();
        }
    }

    public static AcceptErrorKind AcceptKind(SocketError error) => error switch
    {
        // SocketError.SocketError is an errno without a name in .NET, such as ENOMEM.
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.SocketError => AcceptErrorKind.Pressure,
        SocketError.NotSocket or SocketError.InvalidArgument or SocketError.OperationNotSupported or SocketError.OperationAborted
            => AcceptErrorKind.Fatal,
        _ => AcceptErrorKind.Transient,
    };
}
