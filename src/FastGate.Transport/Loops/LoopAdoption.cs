using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>The first steps of an open socket on a loop. Called on the loop.</summary>
internal static class LoopAdoption
{
    /// <summary>Takes ownership of the socket. Throws when the kernel refuses it, which closes it.</summary>
    public static void Run(EventLoop loop, DetachedSocket socket, object? state, ConnectionDelegate connectionDelegate)
    {
        Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
        address.Clear();
        LoopConnection? connection = null;
        try
        {
            LinuxError.ThrowIfError(LinuxSocket.SetNonBlocking(socket.Descriptor), "fcntl");
            LinuxSocket.ReadPeer(socket.Descriptor, address);
            connection = state is null
                ? new LoopConnection(loop, socket.Descriptor, address)
                : new AdoptedLoopConnection(loop, socket.Descriptor, address, state);
            if (!connection.TryRegister(isAdopted: true))
            {
                throw new IOException("The kernel has no room to watch an adopted connection.");
            }
        }
        catch
        {
            loop.Connections.Remove(connection);
            LinuxSocket.Close(socket.Descriptor);
            throw;
        }

        loop.BeginShare();
        connection.Adopt(socket);

        // Without a state the connection has had its handler: it is closed as after the end of one.
        connection.Start(state is null ? static _ => Task.CompletedTask : connectionDelegate);
        (connection as AdoptedLoopConnection)?.DropState();
    }
}
