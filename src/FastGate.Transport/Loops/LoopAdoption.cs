using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>An open socket on its way to a loop; owns the socket until the loop watches it.</summary>
internal sealed class LoopAdoption(EventLoop loop, DetachedSocket socket, object? state, ConnectionDelegate connectionDelegate)
{
    /// <summary>Runs on the loop. Throws when the kernel refuses the socket, which is closed then.</summary>
    public void Run()
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
